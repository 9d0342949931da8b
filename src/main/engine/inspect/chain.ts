import type { X509Certificate } from 'node:crypto';
import { builderError } from '../../../shared/errors.ts';
import { basicConstraints } from './certificate.ts';
import type { CaChain } from './ca.ts';

/** Longest path from a signing certificate to a root: what clients of the newer format accept. */
export const MAX_CHAIN_LENGTH = 6;

export interface Anchor {
  readonly chain: CaChain;
  readonly root: X509Certificate;
}

export interface AnchorOptions {
  /**
   * Where the certificates between leaf and root come from. Absent: from the CA folder, as vehicles do
   * for legacy images. Given: from the image alone, as vehicles do for the newer format.
   */
  readonly intermediates?: readonly X509Certificate[];
  readonly now: Date;
}

/**
 * Finds the first chain with a path from `leaf` to one of its roots on which every certificate is
 * signed by the next, every issuer is a CA within its path length, and all are valid at `now`. The
 * path stays within one chain: an intermediate of one vehicle family says nothing about another's.
 * @returns null where no chain anchors the leaf.
 */
export function findAnchor(
  leaf: X509Certificate,
  chains: readonly CaChain[],
  { intermediates, now }: AnchorOptions,
): Anchor | null {
  if (!isValidAt(leaf, now)) return null;
  return findPath(leaf, chains, intermediates, (issuer) => isValidAt(issuer, now));
}

/**
 * Asked where nothing anchors the leaf: says so where only the time is in the way, because an issuer on the
 * path is not yet valid or no longer.
 * @throws `certificate-not-yet-valid`, `certificate-expired`
 */
export function validateIssuers(
  file: string,
  leaf: X509Certificate,
  chains: readonly CaChain[],
  { intermediates, now }: AnchorOptions,
): void {
  const path = findPath(leaf, chains, intermediates, () => true);
  for (const issuer of path?.issuers ?? []) validatePeriod(file, issuer, now);
}

function findPath(
  leaf: X509Certificate,
  chains: readonly CaChain[],
  intermediates: readonly X509Certificate[] | undefined,
  isUsable: (issuer: X509Certificate) => boolean,
): (Anchor & { readonly issuers: readonly X509Certificate[] }) | null {
  for (const chain of chains) {
    const issuers = climb(leaf, intermediates ?? chain.intermediates, chain.roots, 0, isUsable);
    const root = issuers?.at(-1);
    if (issuers !== null && root !== undefined) return { chain, root, issuers };
  }
  return null;
}

/** Whether `now` lies within the certificate's validity, both ends included. */
function isValidAt(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now <= certificate.validToDate;
}

/**
 * Says which way `now` misses the certificate's validity: what is wrong is more often this computer's
 * clock than the image.
 * @throws `certificate-not-yet-valid`, `certificate-expired`
 */
export function validatePeriod(file: string, certificate: X509Certificate, now: Date): void {
  const { validFromDate, validToDate } = certificate;
  if (isValidAt(certificate, now)) return;
  throw now < validFromDate
    ? builderError('certificate-not-yet-valid', { file, validFrom: validFromDate.toISOString() })
    : builderError('certificate-expired', { file, validTo: validToDate.toISOString() });
}

/**
 * Whether `issuer` signed `certificate` and was allowed to.
 * @param below how many intermediates stand between `issuer` and the leaf.
 */
export function isIssuedBy(
  certificate: X509Certificate,
  issuer: X509Certificate,
  below: number,
): boolean {
  const constraints = basicConstraints(issuer);
  if (constraints?.ca !== true) return false;
  if (constraints.pathLength !== null && below > constraints.pathLength) return false;
  // checkIssued compares names, key ids and key usage; verify the signature itself.
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/**
 * @param below how many intermediates have been passed so far.
 * @returns the issuers from that of `certificate` to the root; null where there is no way.
 */
function climb(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  below: number,
  isUsable: (issuer: X509Certificate) => boolean,
): readonly X509Certificate[] | null {
  const issues = (issuer: X509Certificate) =>
    isUsable(issuer) && isIssuedBy(certificate, issuer, below);
  const root = roots.find(issues);
  if (root !== undefined) return [root];
  if (below + 1 >= MAX_CHAIN_LENGTH) return null;
  for (const intermediate of intermediates) {
    if (!issues(intermediate)) continue;
    // An issuer cannot be of use twice: without it the rest is smaller, so loops end.
    const rest = intermediates.filter((other) => other !== intermediate);
    const above = climb(intermediate, rest, roots, below + 1, isUsable);
    if (above !== null) return [intermediate, ...above];
  }
  return null;
}
