/** Numbers as people read them, each with its unit. Shared by every output so that they say the same. */

const UNKNOWN = '–';

/** "0.42 ms", "4.0 ms", "412 ms", "1.24 s", "2 min 5 s". */
export function wordMs(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return UNKNOWN;
  if (ms === 0) return '0 ms';
  if (ms < 0.9995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  return wordSeconds(ms / 1000);
}

/** "12 s", "0.5 s", "2 min 5 s". */
export function wordSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return UNKNOWN;
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  const rest = whole % 60;
  return rest === 0 ? `${wordCount(Math.floor(whole / 60))} min` : `${wordCount(Math.floor(whole / 60))} min ${rest} s`;
}

/** "5,991": digits in groups of three. */
export function wordCount(count: number): string {
  if (!Number.isFinite(count)) return UNKNOWN;
  return grouped(Math.round(count).toString());
}

/** An integer in units of 10^-decimals as a decimal number: (10043, 1) -> "1,004.3". */
export function wordFixed(units: number, decimals: number): string {
  const digits = Math.abs(units)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = grouped(digits.slice(0, digits.length - decimals));
  return `${units < 0 ? '-' : ''}${whole}${decimals > 0 ? `.${digits.slice(-decimals)}` : ''}`;
}

/** Requests per second: "120.1", "4,210". */
export function wordRate(rate: number): string {
  if (!Number.isFinite(rate)) return UNKNOWN;
  return rate < 1_000 ? rate.toFixed(1) : wordCount(rate);
}

/** Share 0..1 as "81 %", "0.4 %", "< 0.1 %". */
export function wordShare(share: number): string {
  if (!Number.isFinite(share)) return UNKNOWN;
  const percent = share * 100;
  if (percent === 0) return '0 %';
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 9.95) return `${percent.toFixed(1).replace(/\.0$/, '')} %`;
  return percent < 100 && percent > 99.5 ? '> 99 %' : `${Math.round(percent)} %`;
}

/** "512 B", "61 MB", "1.4 GB" (powers of 1024, as memory is sold). */
export function wordBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return UNKNOWN;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A value with the unit it was measured in; units known to this table are scaled to readable ones. */
export function wordValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  switch (unit) {
    case 'ms':
      return wordMs(value);
    case 'us':
    case 'µs':
      return wordMs(value / 1000);
    case 's':
      return wordSeconds(value);
    case 'bytes':
    case 'B':
      return wordBytes(value);
    case 'share':
      return wordShare(value);
    case '1/s':
      return `${plain(value)}/s`;
    case 'bytes/s':
    case 'B/s':
      return `${wordBytes(value)}/s`;
    case '%':
      return wordShare(value / 100);
    case 'count':
    case '':
      return plain(value);
    default:
      return `${plain(value)} ${unit}`;
  }
}

/** "1 root cause", "2 root causes". */
export function wordMany(count: number, noun: string, plural = `${noun}s`): string {
  return `${wordCount(count)} ${count === 1 ? noun : plural}`;
}

function plain(value: number): string {
  if (Number.isInteger(value)) return wordCount(value);
  return Math.abs(value) >= 100 ? wordCount(value) : String(Number(value.toPrecision(3)));
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
