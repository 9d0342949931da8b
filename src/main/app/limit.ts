/** Whether one more of what should not happen may pass: at most `most` within `milliseconds`. */
export function atMost(
  most: number,
  milliseconds: number,
  now = () => performance.now(),
): () => boolean {
  let times: number[] = [];
  return () => {
    const time = now();
    times = [...times.filter((earlier) => time - earlier < milliseconds), time];
    return times.length <= most;
  };
}
