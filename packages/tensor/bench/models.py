"""Writes the ONNX models of the races into a folder: `python models.py FOLDER` (torch, onnx, onnxscript)."""
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

folder = Path(sys.argv[1])
LAYERS, WIDTH, HEADS, INNER, LENGTH = 6, 384, 12, 1536, 128
seed = 10


def pattern(shape, seed):
    size = int(np.prod(shape))
    return ((np.arange(size, dtype=np.int64) * (2 * seed + 7919) % 2003) / 1001.5 - 1).astype(np.float32).reshape(shape)


def weight(shape, scale=0.04, shift=0.0):
    global seed
    seed += 1
    return torch.nn.Parameter(torch.from_numpy(pattern(shape, seed - 1)) * scale + shift)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.g1, self.b1 = weight((WIDTH,), 0.01, 1.0), weight((WIDTH,))
        self.qkv, self.qkv_bias = weight((3 * WIDTH, WIDTH)), weight((3 * WIDTH,))
        self.out, self.out_bias = weight((WIDTH, WIDTH)), weight((WIDTH,))
        self.g2, self.b2 = weight((WIDTH,), 0.01, 1.0), weight((WIDTH,))
        self.up, self.up_bias = weight((INNER, WIDTH)), weight((INNER,))
        self.down, self.down_bias = weight((WIDTH, INNER)), weight((WIDTH,))

    def forward(self, x):
        batch = x.shape[0]
        rows = F.linear(x, self.qkv, self.qkv_bias).reshape(batch, LENGTH, 3, HEADS, WIDTH // HEADS)
        q, k, v = rows[:, :, 0].transpose(1, 2), rows[:, :, 1].transpose(1, 2), rows[:, :, 2].transpose(1, 2)
        scores = torch.softmax(q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5, -1)
        mixed = (scores @ v).transpose(1, 2).reshape(batch, LENGTH, WIDTH)
        x = F.layer_norm(x + F.linear(mixed, self.out, self.out_bias), (WIDTH,), self.g1, self.b1)
        wide = F.linear(F.gelu(F.linear(x, self.up, self.up_bias)), self.down, self.down_bias)
        return F.layer_norm(x + wide, (WIDTH,), self.g2, self.b2)


encoder = torch.nn.Sequential(*[Block() for _ in range(LAYERS)]).eval()
for batch in (1, 8):
    torch.onnx.export(encoder, (torch.zeros(batch, LENGTH, WIDTH),), folder / f"encoder-{batch}.onnx", input_names=["x"], output_names=["y"], external_data=False)


class Product(torch.nn.Module):
    def forward(self, a, b):
        return a @ b


for n in (256, 512, 1024, 2048):
    torch.onnx.export(Product(), (torch.zeros(n, n), torch.zeros(n, n)), folder / f"matmul-{n}.onnx", input_names=["a", "b"], output_names=["y"], external_data=False)
