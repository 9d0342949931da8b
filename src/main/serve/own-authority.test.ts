import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openssl } from '../../../test/support/pki.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { testNeeding } from '../../../test/support/tools.ts';
import { ownIdentity } from './own-authority.ts';
import { readTlsFiles } from './tls-files.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('the CA is kept for the next time, its key readable by its owner alone', async () => {
  const folder = join(tmpFolder(), 'deep', 'ca');
  const first = await ownIdentity(folder, '127.0.0.1');
  const authority = readFileSync(first.authorityPath, 'utf8');
  const second = await ownIdentity(folder, '192.168.1.2');
  expect([first.isNew, second.isNew]).toEqual([true, false]);
  expect(readFileSync(second.authorityPath, 'utf8')).toBe(authority);
  expect([modeOf(folder), modeOf(join(folder, 'ca.key'))]).toEqual(['700', '600']);
  expect(first.key).not.toBe(second.key);
});

test('a key that others may read is refused', async () => {
  const folder = tmpFolder();
  await ownIdentity(folder, '127.0.0.1');
  chmodSync(join(folder, 'ca.key'), 0o640);
  await expect(ownIdentity(folder, '127.0.0.1')).rejects.toMatchObject({
    data: { code: 'serve-key-exposed' },
  });
});

test('a CA whose key belongs to another one is made anew', async () => {
  const [folder, other] = [tmpFolder(), tmpFolder()];
  await ownIdentity(folder, '127.0.0.1');
  const { authorityPath } = await ownIdentity(other, '127.0.0.1');
  writeFileSync(join(folder, 'ca.pem'), readFileSync(authorityPath));
  expect((await ownIdentity(folder, '127.0.0.1')).isNew).toBe(true);
});

testNeeding(
  [openssl],
  'openssl takes the certificate for its address, and for no other',
  async () => {
    const folder = tmpFolder();
    const { certificate, authorityPath } = await ownIdentity(folder, '192.168.1.2');
    const leaf = join(folder, 'leaf.pem');
    writeFileSync(leaf, certificate);
    const verify = (ca: string, ...args: string[]) =>
      spawnSync(openssl.path, [
        ...['verify', '-x509_strict', '-purpose', 'sslserver'],
        ...args,
        '-CAfile',
        ca,
        leaf,
      ]);
    expect(verify(authorityPath, '-verify_ip', '192.168.1.2').stdout.toString()).toContain('OK');
    expect(verify(authorityPath, '-verify_ip', '192.168.1.3').status).not.toBe(0);
    const other = await ownIdentity(tmpFolder(), '192.168.1.2');
    expect(verify(other.authorityPath, '-verify_ip', '192.168.1.2').status).not.toBe(0);
    const text = execFileSync(openssl.path, ['x509', '-in', authorityPath, '-noout', '-text']);
    expect(text.toString()).toMatch(/CA:TRUE, pathlen:0/);
    expect(new X509Certificate(certificate).ca).toBe(false);
  },
);

test('files for TLS that are none, or do not belong together, are refused', async () => {
  const folder = tmpFolder();
  const [one, two] = [await ownIdentity(folder, '::1'), await ownIdentity(folder, '::1')];
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [certificate, key] = [put('one.pem', one.certificate), put('one.key', one.key)];
  await expect(readTlsFiles(certificate, key)).resolves.toMatchObject({ key: one.key });
  const invalid = { data: { code: 'serve-tls-invalid' } };
  await expect(readTlsFiles(certificate, put('two.key', two.key))).rejects.toMatchObject(invalid);
  await expect(readTlsFiles(certificate, join(folder, 'none'))).rejects.toMatchObject(invalid);
  await expect(readTlsFiles(key, key)).rejects.toMatchObject(invalid);
  await expect(readTlsFiles(certificate, put('text', 'x'))).rejects.toMatchObject(invalid);
});
