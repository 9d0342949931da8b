// Which room may import which: docs/architecture.md. Anything that is not listed here fails `npm run layers`.

/** Each room of src, as a pattern of paths, and the rooms whose modules it may import besides its own. */
const ROOMS = {
  shared: { path: 'src/shared/', imports: [] },
  renderer: { path: 'src/renderer/', imports: ['shared'] },
  // What programs of ours set in Node itself.
  runtime: { path: 'src/main/runtime/', imports: [] },
  files: { path: 'src/main/files/', imports: [] },
  engine: { path: 'src/main/engine/', imports: ['files', 'shared'] },
  jobs: { path: 'src/main/jobs/', imports: ['engine', 'files', 'shared'] },
  drives: { path: 'src/main/drives/', imports: ['shared'] },
  writer: { path: 'src/main/writer/', imports: ['drives', 'runtime', 'shared'] },
  // Both ends of the privilege border speak one protocol, and the elevated end is the smaller one.
  protocol: { path: 'src/main/writer/(channel|handshake-hmac)[.]ts$', imports: ['shared'] },
  // What a stick has to be like to take the place of a file.
  target: {
    path: 'src/main/engine/(content|layout|target)/',
    imports: ['engine', 'files', 'shared'],
  },
  elevation: {
    path: 'src/main/elevation/',
    imports: ['protocol', 'target', 'drives', 'runtime', 'shared'],
  },
  store: { path: 'src/main/store/', imports: ['shared'] },
  // To vehicles: files over HTTP, and otaclient's gRPC interface.
  serve: { path: 'src/main/serve/', imports: ['jobs', 'engine', 'shared'] },
  vehicle: { path: 'src/main/vehicle/', imports: ['serve', 'shared'] },
  cli: {
    path: 'src/main/cli/',
    imports: ['files', 'jobs', 'serve', 'vehicle', 'drives', 'elevation', 'runtime', 'shared'],
  },
  ipc: {
    path: 'src/main/ipc/',
    imports: [
      ...['files', 'jobs', 'serve', 'vehicle', 'engine', 'store', 'drives', 'elevation'],
      'shared',
    ],
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

const ENGINE = 'src/main/engine/';

/**
 * The rooms of the engine from the ground floor up, and those below that each may import besides its own.
 * A room that names one above it is refused when this file is loaded.
 */
const ENGINE_ROOMS = {
  // Event loop, sorting, hashing, names and errors of files: the modules in the engine's own folder.
  basics: { path: '[^/]+[.]ts$', imports: [] },
  content: { path: 'content/', imports: ['basics'] },
  layout: { path: 'layout/', imports: ['basics', 'content'] },
  'tar-format': { path: 'tar/format/', imports: ['basics'] },
  'ext4-format': { path: 'ext4/format/', imports: ['basics'] },
  codec: { path: 'codec/', imports: ['basics', 'content'] },
  pool: { path: 'pool/', imports: ['basics', 'content', 'codec'] },
  stream: { path: 'stream/', imports: ['basics', 'content', 'codec', 'pool'] },
  archive: {
    path: 'archive/',
    imports: ['basics', 'content', 'tar-format', 'codec', 'pool', 'stream'],
  },
  inspect: {
    path: 'inspect/',
    imports: ['basics', 'content', 'codec', 'pool', 'stream', 'archive'],
  },
  // What makes an output.
  plan: { path: 'plan/', imports: ['basics', 'content', 'inspect'] },
  'tar-layout': { path: 'tar/layout/', imports: ['basics', 'layout', 'tar-format'] },
  'ext4-layout': {
    path: 'ext4/layout/',
    imports: ['basics', 'content', 'layout', 'ext4-format'],
  },
  target: { path: 'target/', imports: ['basics', 'content', 'layout'] },
  emit: {
    path: 'emit/',
    imports: ['basics', 'content', 'layout', 'pool', 'stream', 'archive', 'plan', 'target'],
  },
  // What reads and proves an output.
  'ext4-reader': { path: 'ext4/reader/', imports: ['basics', 'content', 'ext4-format'] },
  finished: {
    path: 'finished/',
    imports: [
      ...['basics', 'content', 'tar-format', 'ext4-format', 'pool', 'stream', 'archive'],
      'ext4-reader',
    ],
  },
  verify: {
    path: 'verify/',
    imports: ['basics', 'content', 'stream', 'archive', 'inspect', 'finished'],
  },
  // Names of requests, and the files of a finished image that answer them.
  catalogue: { path: 'catalogue/', imports: ['basics', 'inspect', 'finished'] },
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

const engineRules = Object.entries(ENGINE_ROOMS).map(([name, { path, imports }], at, rooms) => {
  const below = new Map(rooms.slice(0, at));
  const allowed = imports.map((other) => {
    const room = below.get(other);
    if (room === undefined) throw new Error(`engine: ${other} is not below ${name}`);
    return room.path;
  });
  return {
    name: `engine-${name}-imports`,
    severity: 'error',
    comment: `engine/${name} may import ${imports.join(', ') || 'nothing of the engine'} only`,
    from: { path: `^${ENGINE}${path}`, pathNot: TESTS },
    to: { path: `^${ENGINE}`, pathNot: [path, ...allowed].map((other) => `^${ENGINE}${other}`) },
  };
});

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

const MAKERS = `^${ENGINE}(plan|emit|target|(tar|ext4)/layout)/`;
const READERS = `^${ENGINE}(finished|verify|ext4/reader)/`;

/**
 * Not through any number of modules, either.
 * @param {string} name @param {string} comment @param {string} from @param {string} module
 */
function unreachable(name, comment, from, module) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: from, pathNot: TESTS },
    to: { path: module, reachable: true },
  };
}

export default {
  forbidden: [
    ...roomRules,
    ...engineRules,
    keepOut(
      'engine-rooms-are-listed',
      'A folder of the engine has its place in the order of rooms',
      `^${ENGINE}(?!${Object.values(ENGINE_ROOMS)
        .map(({ path }) => path)
        .join('|')})`,
      '.',
    ),
    keepOut(
      'electron-in-the-app-only',
      'All else runs, and is tested, without Electron',
      '^src/(shared|renderer|main/(engine|jobs|serve|vehicle|cli|drives|elevation|writer|store))/',
      '(^|node_modules/)electron(/|$)',
    ),
    keepOut(
      'processes-at-the-edge-only',
      'Only the rooms that face the operating system start processes',
      '^src/(shared|renderer|main/(engine|jobs|serve|vehicle|cli|ipc|app|store))/',
      '^(node:)?child_process$',
    ),
    {
      ...keepOut(
        'people-files-by-one-way',
        'Electron takes *.asar for folders: images and outputs go through src/main/files',
        '^src/main/(engine|jobs)/',
        '^(node:)?fs(/promises)?$',
      ),
      to: { path: '^(node:)?fs(/promises)?$', dependencyTypesNot: ['type-only'] },
    },
    unreachable(
      'readers-know-no-writer',
      'What proves an output must not repeat a mistake of what made it; the format is all they share',
      READERS,
      MAKERS,
    ),
    unreachable(
      'writers-know-no-reader',
      'As above. Emit gets a finished image, opened by jobs, through content/',
      MAKERS,
      READERS,
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
      comment: 'Data flows in one direction, and types with it',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|demo|test/fixtures)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.cjs', '.json'] },
  },
};
