/**
 * Numbers in the doctor's words.
 */
import prettyBytes from 'pretty-bytes';

export function bytesText(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}

/** As `3 %`, with a decimal where it is small. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
