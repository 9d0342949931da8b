import { expect, test } from 'vitest';
import { updateRequestYaml } from './base-url.ts';
import { parseRange } from './byte-range.ts';
import { cookiesText, hasCookie, randomCookie, readCookie } from './cookie.ts';
import { isEverywhere } from './options.ts';
import { hostName, parseTarget } from './request-target.ts';
import { Traffic } from './traffic.ts';
import type { ServeEvent } from './events.ts';

test.each([
  [undefined, null],
  ['bytes=0-0', { first: 0, last: 0 }],
  ['bytes=2-', { first: 2, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-30', { first: 0, last: 9 }],
  ['bytes=5-100', { first: 5, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', null],
  ['bytes=0-1,3-4', null],
  ['bytes=-', null],
  ['lines=0-1', null],
  ['bytes=99999999999999999999-', null],
])('of ten bytes, the range %j is %j', (header, range) => {
  expect(parseRange(header, 10)).toEqual(range);
});

test.each([
  ['a=1', true],
  ['x=2; a=1', true],
  [' a=1 ;y', true],
  ['a=2; a=1', true],
  ['a=11', false],
  ['A=1', false],
  ['xa=1', false],
  ['', false],
  [undefined, false],
])('a Cookie header %j has the cookie: %j', (header, has) => {
  expect(hasCookie(header, { name: 'a', value: '1' })).toBe(has);
});

test.each(['a', 'a=', '=b', 'a=b c', 'a="b"', 'a=b;c=d', 'a b=c', 'a=b,c', 'a=b\\c', 'a=b\r\n'])(
  'no client could send the cookie %j',
  (text) => {
    expect(readCookie(text)).toBeNull();
  },
);

test('a cookie is sent as a JSON object, also where there is none', () => {
  expect(JSON.parse(cookiesText({ name: 'a', value: 'b' }))).toEqual({ a: 'b' });
  expect(cookiesText(null)).toBe('{}');
  expect(randomCookie().value).not.toBe(randomCookie().value);
});

test.each([
  ['Host', 'host'],
  ['host:80', 'host'],
  ['[::1]:80', '::1'],
  ['[::1]', '::1'],
  ['::1', ''],
  ['a:b', ''],
])('the host of %j is %j', (authority, host) => {
  expect(hostName(authority)).toBe(host);
});

test('a name is decoded once, byte by byte', () => {
  const name = (path: string) => {
    const { target } = parseTarget(`/h/0/${path}`, 'x', 'h', new Set(['x']));
    return target.kind === 'file' ? target.name : target.kind;
  };
  expect(name('a%20b+c?d#e')).toBe('a b+c?d#e');
  expect(name('%2541')).toBe('%41');
  expect(name('100%')).toBe('100%');
  expect(name('%zz%4')).toBe('%zz%4');
  expect(name('%E6%97%A5')).toBe('日');
  expect(name('%ff')).toBe('\udcff');
});

test('a YAML request holds names that YAML would take for something else', () => {
  const update = { ecuId: '007: "a"', version: 'no', url: 'http://x/', cookies: '{"a": "b"}' };
  const text = updateRequestYaml([update]);
  const values = text
    .trim()
    .split('\n')
    .map((line) => line.slice(line.indexOf(': ') + 2));
  expect(values.map((value): unknown => JSON.parse(value))).toEqual(Object.values(update));
});

test('traffic counts what went wrong, and no question for oci-layout of a legacy image', () => {
  const traffic = new Traffic();
  const event = (target: string, refusal: ServeEvent['refusal'], bytes = 0): ServeEvent => ({
    ...{ kind: 'request', client: 'c', scheme: 'https', proxied: true, method: 'GET', target },
    ...{ status: 200, bytes, complete: true, milliseconds: 1, refusal },
  });
  traffic.add(event('/h/0/oci-layout', 'not-found'));
  traffic.add(event('/h/0/x', 'not-found'));
  const blob = `data.zst/${'a'.repeat(64)}.zst`;
  for (let i = 0; i < 3; i++) traffic.add(event(`/h/${i}/${blob}`, null, 5));
  expect(traffic.facts).toMatchObject({ requests: 5, files: 3, bytes: 15, notFound: 1 });
  expect(traffic.facts).toMatchObject({ repeated: 2, secure: 5, proxied: 5 });
  expect(traffic.clients).toEqual([{ client: 'c', files: 3, bytes: 15 }]);
});

test.each([
  ['0.0.0.0', true],
  ['::', true],
  ['0:0:0:0:0:0:0:0', true],
  ['::ffff:0.0.0.0', true],
  ['::ffff:0:0', true],
  ['::%lo', true],
  ['192.168.10.2', false],
  ['::1', false],
  ['fe80::1%eth0', false],
])('the address %s means every network: %s', (address, everywhere) => {
  expect(isEverywhere(address)).toBe(everywhere);
});
