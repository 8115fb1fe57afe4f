"""SOAP (pytorch-optimizer) where its first gradient has full rank, so that the eigenbasis that it starts from is the same for every LAPACK. The case of
`training_optimizers.py` has gradients of rank 4 in a space of 6: there the library itself gives another answer on another machine."""
from tm_lib import *
import pytorch_optimizer as po


def build(ev, seed, rng):
    g = torch.Generator().manual_seed(seed)
    for name, shapes, conf in (("square", [(4, 4), (5, 5)], dict(lr=0.01)), ("vector", [(4,), (3, 3)], dict(lr=0.02, weight_decay=0.1, betas=(0.9, 0.95))), ("often", [(4, 4)], dict(lr=0.01, precondition_frequency=2))):
        K = 12
        p0 = [torch.randn(s, generator=g) for s in shapes]
        # well apart eigenvalues: a diagonal that grows
        G = [[torch.randn(s, generator=g) + (torch.diag(torch.arange(1.0, s[0] + 1) * 2) if len(s) == 2 else 0) for s in shapes] for _ in range(K)]
        P = [torch.nn.Parameter(p.clone()) for p in p0]
        o = po.SOAP(P, **conf)
        pick, hist = [0, 1, 2, 6, 11], []
        for k in range(K):
            for p, x in zip(P, G[k]):
                p.grad = x.clone()
            o.step()
            if k in pick:
                hist.append([p.detach().clone() for p in P])
        ev.case(f"soap-{name}", "optimizerTrajectory", {"optimizer": {"type": "SOAP", **{k: list(v) if isinstance(v, tuple) else v for k, v in conf.items()}}, "params": p0, "grads": G, "reportSteps": pick}, {"params": hist})


main("soap", ["pytorch-optimizer", "torch"], build, rtol=1e-4, atol=1e-5)
