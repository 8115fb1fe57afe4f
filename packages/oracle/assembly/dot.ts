/** Dot products of one row of 16-bit numbers with many rows of 8-bit numbers; rows are multiples of 16 long. */
export function dotRows(query: usize, rows: usize, count: i32, width: i32, out: usize): void {
  for (let row = 0; row < count; row++) {
    let sums = i32x4.splat(0);
    for (let at = 0; at < width; at += 16) {
      const bytes = v128.load(rows + at);
      const low = i16x8.extend_low_i8x16_s(bytes);
      const high = i16x8.extend_high_i8x16_s(bytes);
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(low, v128.load(query + (at << 1))));
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(high, v128.load(query + (at << 1), 16)));
    }
    const sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
    store<i32>(out + (row << 2), sum);
    rows += width;
  }
}
