import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key that clients send with each request; a request without it gets nothing. */
export interface AccessCookie {
  readonly name: string;
  readonly value: string;
}

/** Name of a cookie that was not named by a person. */
const NAME = 'offline-ota';
/** 128 bits: too many to be guessed. */
const RANDOM_BYTES = 16;
/** RFC 6265, 4.1.1. Quotation marks are left out, since clients disagree about them. */
const COOKIE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=([!#-+\--:<-[\]-~]+)$/;

export function randomCookie(): AccessCookie {
  return { name: NAME, value: randomBytes(RANDOM_BYTES).toString('hex') };
}

/** Reads `NAME=VALUE`; null for what no client could send. */
export function readCookie(text: string): AccessCookie | null {
  const [, name, value] = COOKIE.exec(text) ?? [];
  return name === undefined || value === undefined ? null : { name, value };
}

/** Whether a Cookie header has the cookie. Compared in constant time. */
export function hasCookie(header: string | undefined, { name, value }: AccessCookie): boolean {
  const expected = digest(value);
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .some((pair) => timingSafeEqual(digest(pair.slice(name.length + 1)), expected));
}

/** Cookies as an update request carries them: a JSON object as text. Without one, a client would hang. */
export function cookiesText(cookie: AccessCookie | null): string {
  return JSON.stringify(cookie === null ? {} : { [cookie.name]: cookie.value });
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
