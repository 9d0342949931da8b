// Loaded before the command line (`--import` in package.json): an older Node cannot read its sources,
// and must not load native packages that were compiled for a newer one. So this is JavaScript that
// any Node reads, and it imports nothing.

/** `await using`, which the sources hold, came with Node 24. */
const OLDEST = 24;

/** EINVAL, as for all that the caller has to put right. */
const INVALID = 22;

/** What to tell the caller, or null where this Node will do. @see require-node.d.ts */
export function nodeComplaint(version, env) {
  if (Number.parseInt(version, 10) >= OLDEST) return null;
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^ja(?![a-z])/iu.test(locale)
    ? `このNodeは ${version} ですが、${OLDEST} 以降が必要です。npm ci を実行してから npm run -s cli を使用するか、Node ${OLDEST} をインストールしてください。`
    : `This is Node ${version}, and Node ${OLDEST} or newer is needed: use npm run -s cli after npm ci, which brings it, or install Node ${OLDEST}.`;
}

const complaint = nodeComplaint(process.versions.node, process.env);
if (complaint !== null) {
  console.error(complaint);
  process.exit(INVALID);
}
