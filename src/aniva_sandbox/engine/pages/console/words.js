// Values in words.

const DAY = 86_400;
const UNITS = [
  [DAY, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** A span of seconds in its two largest units: "2 d 3 h". */
export function span(seconds) {
  let rest = Math.round(Math.abs(seconds));
  const first = UNITS.findIndex(([size]) => rest >= size);
  if (first < 0) return "0 s";
  const parts = [];
  for (const [size, unit] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ");
}

const SIZES = { w: 7 * DAY, week: 7 * DAY, d: DAY, day: DAY, h: 3600, hour: 3600, m: 60, min: 60, minute: 60, s: 1, sec: 1, second: 1 };

/** The seconds of a span as it is typed, such as "90 min" or "2 d 4 h". Throws an Error for a text that is none. */
export function parseSpan(text) {
  const parts = [...text.trim().toLowerCase().matchAll(/([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)[\s,]*|(.)/gs)];
  const sizes = parts.map(([, count, unit]) => Number(count) * (SIZES[unit] ?? SIZES[unit?.replace(/s$/, "")]));
  const sum = sizes.reduce((total, each) => total + each, 0);
  if (parts.length && Number.isFinite(sum)) return Math.round(sum);
  throw Object.assign(new Error("Write an amount with its unit, such as 90 min or 2 d 4 h."), { status: 400 });
}

/** An instant as seen from a now: "in 2 h", "3 d ago", "now". */
export function away(instant, now) {
  const seconds = Math.round((new Date(instant) - now) / 1000);
  if (seconds === 0) return "now";
  return seconds > 0 ? `in ${span(seconds)}` : `${span(seconds)} ago`;
}

const SHOWN = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** An instant in UTC: "Mon 13 Apr 2026, 08:00:00". */
export function instant(value) {
  const part = Object.fromEntries(SHOWN.formatToParts(new Date(value)).map(({ type, value }) => [type, value]));
  return `${part.weekday} ${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute}:${part.second}`;
}

/** An instant in RFC 3339, in whole seconds of UTC. */
export const iso = (date) => new Date(date).toISOString().replace(/\.\d+Z$/, "Z");

/** A count with its noun: "1 call", "2 calls". */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** A name of the API in words: "blood_drawn" is "blood drawn". */
export const plain = (name) => name.replaceAll("_", " ");
