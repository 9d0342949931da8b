/**
 * `serve` on loopback beside nginx, which serves the same blobs as files: bytes per second over 24 connections that are
 * kept, with and without TLS, by turns, medians. The load is made by wrk, on one thread. The aim is 0.7 × nginx.
 * Then the memory of `serve` with 300,000 names; the aim is 150 MB. Usage: npm run bench:serve [-- <runs> [tar|img|folder]]
 * BENCH_FOLDER: where the inputs are made and kept.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeIdentity } from '../test/support/certificate.ts';
import { makeImage, seededBytes } from '../test/support/image-factory.ts';
import { writeTar } from '../test/support/tar-writer.ts';
import { CLI, MANY, NODE_FLAGS } from './cases.ts';
import { image } from './images.ts';
import { machine } from './report.ts';
import { median } from './measure.ts';

const HERE = import.meta.dirname;
const KIB = 1024;
const MIB = 1024 * KIB;
const CONNECTIONS = 24;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
const COOKIE = 'offline-ota=bench';

/** Small: files of a root filesystem that are below 1 MiB have a mean of 13 KiB. */
const KINDS = {
  small: { count: 20_000, size: (i: number) => KIB + ((i * 7919) % (24 * KIB)) },
  large: { count: 24, size: () => 16 * MIB },
} as const;
type Kind = keyof typeof KINDS;

const [runs = '3', stored = 'tar'] = process.argv.slice(2);
const needed = { nginx: 'nginx-light', wrk: 'wrk', tar: 'tar' };
for (const [command, debian] of Object.entries(needed))
  if (!isThere(command)) throw new Error(`${command} is missing; Debian has it in ${debian}`);

const inputs = join(process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench'), 'inputs');
mkdirSync(inputs, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'offline-ota-bench-serve-'));
const children: ChildProcess[] = [];
try {
  const { pem, key } = makeIdentity({ commonName: 'localhost' });
  const tls = { certificate: join(work, 'tls.pem'), key: join(work, 'tls.key') };
  writeFileSync(tls.certificate, pem);
  writeFileSync(tls.key, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  console.log(machine());
  const rows: Record<string, string>[] = [];
  for (const kind of ['small', 'large'] as const) rows.push(...(await compare(kind, tls)));
  console.table(rows);
  await measureNames();
} finally {
  for (const child of children) await end(child);
  rmSync(work, { recursive: true, force: true });
}

function isThere(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

async function compare(
  kind: Kind,
  tls: { readonly certificate: string; readonly key: string },
): Promise<Record<string, string>[]> {
  const { source, paths } = makeInput(kind);
  const built = buildOutput(source, stored);
  const plain = stored === 'folder' ? built : buildOutput(source, 'folder');
  const nginx = await startNginx(plain, tls);
  const ours = await startServe(built, ['--tls-cert', tls.certificate, '--tls-key', tls.key]);
  const lists = { nginx: join(work, 'nginx.txt'), serve: join(work, 'serve.txt') };
  writeFileSync(lists.nginx, paths.map(({ blob }) => `/data/${blob}\n`).join(''));
  writeFileSync(lists.serve, paths.map(({ path }) => `${ours.base}data${path}\n`).join(''));
  const rows: Record<string, string>[] = [];
  for (const scheme of ['http', 'https'] as const) {
    const ways = {
      nginx: () => load(`${scheme}://127.0.0.1:${nginx[scheme]}`, lists.nginx),
      serve: () => load(`${scheme}://127.0.0.1:${ours.port}`, lists.serve),
    };
    const found: Record<keyof typeof ways, number[]> = { nginx: [], serve: [] };
    for (let run = 0; run <= Number(runs); run++)
      for (const way of ['nginx', 'serve'] as const) {
        const { rate, client } = ways[way]();
        console.error(
          `${kind} ${scheme} ${way}: ${rate.toFixed(0)} MB/s, wrk ${client.toFixed(2)}`,
        );
        // The first round warms up.
        if (run > 0) found[way].push(rate);
      }
    const [theirs, mine] = [median(found.nginx), median(found.serve)];
    rows.push({
      ...{ files: kind, scheme, image: stored },
      ...{ nginx: `${theirs.toFixed(0)} MB/s`, serve: `${mine.toFixed(0)} MB/s` },
      ...{ ratio: (mine / theirs).toFixed(2), memory: `${residentMB(ours.child).toFixed(0)} MB` },
    });
  }
  await end(ours.child);
  await end(nginx.child);
  rmSync(built, { recursive: true });
  rmSync(plain, { recursive: true, force: true });
  return rows;
}

/** An image for building, and what is asked for: the path of each file, and the name of its blob. */
function makeInput(kind: Kind) {
  const { count, size } = KINDS[kind];
  const pool = seededBytes(1, 64 * MIB);
  const files = Array.from({ length: count }, (_, i) => {
    const content = () => {
      const bytes = pool.subarray(i * 64, i * 64 + Math.min(size(i), pool.length - i * 64));
      return bytes;
    };
    return { path: `/usr/lib/${i % 97}/file-${i}.so`, content, compress: false };
  });
  const members = makeImage({ files });
  const source = join(inputs, `serve-${kind}.tar`);
  if (!existsSync(source)) writeTar(source, members);
  const regulars = members.find(({ name }) => name === 'regulars.txt')?.content as Uint8Array;
  const blobs = Buffer.from(regulars)
    .toString()
    .split('\n')
    .map((line) => line.split(',')[4] ?? '');
  const paths = files.map(({ path }, i) => ({ path, blob: blobs[i] ?? '' }));
  return { source, paths };
}

function buildOutput(source: string, as: string): string {
  const path = join(work, as === 'folder' ? 'folder' : `out.${as}`);
  if (as === 'folder') mkdirSync(path);
  const out = as === 'folder' ? `${path}/` : path;
  execFileSync(process.execPath, [...NODE_FLAGS, CLI, `--image=p1:${source}:1`, '-o', out], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startNginx(root: string, tls: { certificate: string; key: string }) {
  const [http, https] = [await freePort(), await freePort()];
  const folder = join(work, 'nginx');
  mkdirSync(folder, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `
daemon off; worker_processes auto; pid ${folder}/pid; error_log stderr error;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  ${temporary.join(' ')} access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  default_type application/octet-stream; root ${root};
  server {
    listen 127.0.0.1:${http};
    listen 127.0.0.1:${https} ssl;
    ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};
    ssl_protocols TLSv1.2 TLSv1.3;
  }
}`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
  const child = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  for (let tries = 0; tries < 50 && !existsSync(`${folder}/pid`); tries++) await sleep(100);
  await sleep(300);
  return { child, http, https };
}

/** Until it serves. */
async function startServe(path: string, args: readonly string[]) {
  const command = ['serve', path, '--listen', '127.0.0.1:0', '--cookie', COOKIE, ...args];
  const child = spawn(process.execPath, [...NODE_FLAGS, CLI, ...command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port, base] = /https?:\/\/[^/]*:(\d+)(\/[0-9a-f]{32}\/0\/)/.exec(line) ?? [];
    if (port === undefined || base === undefined) continue;
    child.stdout.resume();
    return { child, port: Number(port), base };
  }
  throw new Error('it ended before it served');
}

/** @returns MB/s with headers, and how many processors the client kept busy. */
function load(url: string, paths: string): { rate: number; client: number } {
  const args = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${SECONDS}s`,
    '-s',
    join(HERE, 'serve-load.lua'),
    url,
  ];
  const { stdout, stderr } = spawnSync(
    '/usr/bin/time',
    ['--format', '\n%e %U %S', 'wrk', ...args, '--', paths, COOKIE],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [elapsed = 0, user = 0, system = 0] = (stderr.trimEnd().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  const line = stdout.split('\n').find((each) => each.startsWith('{')) ?? '';
  const { bytes, microseconds, failed } = JSON.parse(line) as Record<string, number>;
  if (failed !== 0 || !bytes || !microseconds) throw new Error(`${url}: ${line}`);
  return { rate: bytes / microseconds, client: (user + system) / elapsed };
}

/** What is resident, MB. @param what now, or the most there has been. */
function residentMB({ pid }: ChildProcess, what: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) * KIB) / 1e6;
}

async function measureNames(): Promise<void> {
  const built = buildOutput(image(inputs, MANY, 'tar'), stored);
  const { child } = await startServe(built, []);
  await sleep(3000);
  const [now, most] = [residentMB(child), residentMB(child, 'VmHWM')];
  console.log(
    `300,000 names: ${now.toFixed(0)} MB while it serves, ${most.toFixed(0)} MB while it verified`,
  );
  await end(child);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}
