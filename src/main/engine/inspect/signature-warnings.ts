import type { ImageWarning, SignatureReport } from '../../../shared/model/image-report.ts';
import { wallClock } from '../../../shared/wall-clock.ts';

/** A vehicle may be updated weeks after the stick was made. */
const EXPIRES_SOON_DAYS = 30;

/** What a person should know about a signature that was accepted. */
export function signatureWarnings(
  { state, validTo }: SignatureReport,
  now: Date = wallClock(),
): ImageWarning[] {
  const warnings: ImageWarning[] = [];
  if (state === 'unanchored') warnings.push({ code: 'signature-unanchored' });
  if (state === 'unchecked') warnings.push({ code: 'signature-unchecked' });
  if (state !== 'unchecked' && validTo !== null) {
    const days = (Date.parse(validTo) - now.getTime()) / 86_400_000;
    if (days < EXPIRES_SOON_DAYS)
      warnings.push({ code: 'certificate-expires-soon', params: { validTo } });
  }
  return warnings;
}
