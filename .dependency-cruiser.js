// Which room may import which: docs/architecture.md. Anything that is not listed here fails `npm run layers`.

/** Each room of src, as a pattern of paths, and the rooms whose modules it may import besides its own. */
const ROOMS = {
  shared: { path: 'src/shared/', imports: [] },
  renderer: { path: 'src/renderer/', imports: ['shared'] },
  engine: { path: 'src/main/engine/', imports: ['shared'] },
  jobs: { path: 'src/main/jobs/', imports: ['engine', 'shared'] },
  drives: { path: 'src/main/drives/', imports: ['shared'] },
  writer: { path: 'src/main/writer/', imports: ['drives', 'shared'] },
  // Both ends of the privilege border speak one protocol, and the elevated end is the smaller one.
  protocol: { path: 'src/main/writer/(channel|proof)[.]ts$', imports: ['shared'] },
  // What a stick has to be like to take the place of a file.
  target: { path: 'src/main/engine/(target|layout)/', imports: ['engine', 'shared'] },
  elevation: {
    path: 'src/main/elevation/',
    imports: ['protocol', 'target', 'drives', 'shared'],
  },
  store: { path: 'src/main/store/', imports: ['shared'] },
  cli: { path: 'src/main/cli/', imports: ['jobs', 'drives', 'elevation', 'shared'] },
  ipc: {
    path: 'src/main/ipc/',
    imports: ['jobs', 'engine', 'store', 'drives', 'elevation', 'shared'],
  },
  app: {
    path: 'src/main/app/',
    imports: ['ipc', 'cli', 'jobs', 'store', 'drives', 'elevation', 'shared'],
  },
  // The programs that the bundler starts from: Electron's entry, its preload script, the job worker.
  entry: {
    path: 'src/main/[^/]+[.]ts$',
    imports: ['app', 'ipc', 'cli', 'jobs', 'drives', 'elevation', 'shared'],
  },
  preload: { path: 'src/main/preload[.]ts$', imports: ['shared'] },
};

/** Tests, and the suites that they share, may import anything. */
const TESTS = '([.]test[.]tsx?|-suite[.]ts)$';

const roomRules = Object.entries(ROOMS).map(([name, { path, imports }]) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `${name} may import ${imports.join(', ') || 'nothing of ours'} only`,
  from: { path: `^${path}`, pathNot: TESTS },
  to: {
    path: '^(src|test|e2e|bench|scripts)/',
    pathNot: [path, ...imports.map((other) => ROOMS[other].path)].map((allowed) => `^${allowed}`),
  },
}));

/** @param {string} name @param {string} comment @param {string} from @param {string} module */
function keepOut(name, comment, from, module) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: from, pathNot: TESTS },
    to: { path: module },
  };
}

export default {
  forbidden: [
    ...roomRules,
    keepOut(
      'electron-in-the-app-only',
      'All else runs, and is tested, without Electron',
      '^src/(shared|renderer|main/(engine|jobs|cli|drives|elevation|writer|store))/',
      '(^|node_modules/)electron(/|$)',
    ),
    keepOut(
      'processes-at-the-edge-only',
      'Only the rooms that face the operating system start processes',
      '^src/(shared|renderer|main/(engine|jobs|cli|ipc|app|store))/',
      '^(node:)?child_process$',
    ),
    keepOut(
      'readers-know-no-writer',
      'What proves an output must not repeat a mistake of what made it; the format is all they share',
      '^src/main/engine/(verify|ext4/reader)/',
      '^src/main/engine/((emit|ext4/layout)/|tar/layout|plan/(?!build-plan))',
    ),
    keepOut(
      'writers-know-no-reader',
      'As above',
      '^src/main/engine/(emit|tar|plan|ext4/layout)/',
      '^src/main/engine/(verify|ext4/reader)/',
    ),
    {
      name: 'no-node-in-pages',
      severity: 'error',
      comment: 'The page is sandboxed, and what is shared with it runs there too',
      from: { path: '^src/(renderer|shared)/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      comment: 'Helpers of tests, benchmarks and scripts are not shipped',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: `^(test|e2e|bench|scripts)/|${TESTS}` },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Data flows in one direction; types may name each other',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|demo|test/fixtures)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.cjs', '.json'] },
  },
};
