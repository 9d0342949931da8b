import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';

/**
 * The stand-in for `electron` against electron.d.ts and against what the main process uses. All three
 * are asked from the compiler, so a new use in main, or a member that Electron dropped, is found here.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAND_IN = path.join(ROOT, 'e2e/host/electron.ts');

/** Members by which the parts of the stand-in talk to each other and to tests; main cannot see them. */
const HOST_ONLY = new Set([
  ...['IpcMain.handlers', 'Protocol.handlers', 'WebContents.openHandler', 'App.allWindowsClosed'],
  ...['page', 'openPage', 'applyTheme', 'promptPath', 'resize'].map((n) => `BrowserWindow.${n}`),
]);

let program: ts.Program;
let checker: ts.TypeChecker;
/** `App.getPath` and the like, each with where main uses it. */
const used = new Map<string, string>();

function mainSources(): string[] {
  const main = path.join(ROOT, 'src/main');
  const folder = (name: string): string[] =>
    readdirSync(path.join(main, name)).map((file) => path.join(main, name, file));
  return [path.join(main, 'index.ts'), ...folder('app'), ...folder('ipc')].filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
}

const isElectrons = (node: ts.Node): boolean =>
  node.getSourceFile().fileName.endsWith('/electron.d.ts');

/** Class or interface of electron.d.ts that declares a member; undefined for anything else. */
function ownerOf(symbol: ts.Symbol | undefined): string | undefined {
  const declaration = symbol?.declarations?.find(isElectrons);
  const parent = declaration?.parent;
  return parent !== undefined &&
    (ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent))
    ? parent.name?.text
    : undefined;
}

function collectUses(file: string): void {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} is not part of the program`);
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const owner = ownerOf(checker.getSymbolAtLocation(node.name));
      if (owner !== undefined) used.set(`${owner}.${node.name.text}`, path.relative(ROOT, file));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** Types of the stand-in by the name of the class or interface that they stand for. */
function standIns(): Map<string, ts.Type> {
  const source = program.getSourceFile(STAND_IN);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error('no stand-in');
  const types = new Map<string, ts.Type>();
  for (const symbol of checker.getExportsOfModule(module)) {
    const value = checker.getTypeOfSymbol(symbol);
    const name = symbol.name.charAt(0).toUpperCase() + symbol.name.slice(1);
    const [constructor] = value.getConstructSignatures();
    types.set(name, constructor?.getReturnType() ?? value);
  }
  const members: readonly (readonly [string, string, string])[] = [
    ['BrowserWindow', 'webContents', 'WebContents'],
    ['Session', 'defaultSession', 'Session'],
  ];
  for (const [owner, member, declared] of members) {
    const property = types.get(owner)?.getProperty(member);
    if (property === undefined) throw new Error(`${owner}.${member} is missing`);
    types.set(declared, checker.getTypeOfSymbol(property));
  }
  return types;
}

/** What a class of the stand-in says itself, without what it has from Node's EventEmitter. */
function ownMembers(type: ts.Type): string[] {
  return type
    .getProperties()
    .filter((symbol) =>
      symbol.declarations?.some((declaration) =>
        declaration.getSourceFile().fileName.includes('/e2e/host/'),
      ),
    )
    .map((symbol) => symbol.name)
    .filter((name) => !name.includes('#'));
}

beforeAll(() => {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) =>
    ts.sys.readFile(file),
  ) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  program = ts.createProgram([STAND_IN, ...mainSources()], options);
  checker = program.getTypeChecker();
  for (const file of mainSources()) collectUses(file);
});

test('main uses nothing of Electron that the stand-in lacks', () => {
  // The oracle itself: a member that main certainly uses, and of a parent class too.
  expect(used.get('App.getVersion')).toBe('src/main/app/start.ts');
  expect([...used.keys()]).toContain('WebContents.isDestroyed');
  const types = standIns();
  // What a window inherits, what Electron adds to Node's own objects, and what events bring along.
  const parents: Record<string, string> = {
    ...{ BaseWindow: 'BrowserWindow', Event: '', Process: '' },
    WebContentsWillNavigateEventParams: '',
  };
  const missing = [...used].filter(([use]) => {
    const [owner = '', member = ''] = use.split('.');
    const declared = parents[owner] ?? owner;
    return declared !== '' && types.get(declared)?.getProperty(member) === undefined;
  });
  // Statics of classes are members of the class itself.
  const statics = ['Notification.isSupported', 'Menu.buildFromTemplate', 'Menu.setApplicationMenu'];
  expect(missing.filter(([use]) => !statics.includes(use) && !isData(use))).toEqual([]);
});

/** Interfaces of electron.d.ts that only describe what is handed over: the sender fills them. */
function isData(use: string): boolean {
  return /^(IpcMainInvokeEvent|WebFrameMain|Details|RenderProcessGoneDetails)\./u.test(use);
}

test('the stand-in has nothing that Electron lacks or main does not use', () => {
  const electron = checker.getAmbientModules().find(({ name }) => name === '"electron"');
  if (electron === undefined) throw new Error('no types of Electron');
  const exported = checker.getExportsOfModule(electron);
  const instanceOf = (name: string): ts.Type | undefined => {
    const symbol = exported.find((candidate) => candidate.name === name);
    return symbol === undefined ? undefined : checker.getDeclaredTypeOfSymbol(symbol);
  };
  const usedMembers = new Set([...used.keys()].map((use) => use.split('.')[1]));
  const wrong: string[] = [];
  for (const [name, type] of standIns()) {
    for (const member of ownMembers(type)) {
      const full = `${name}.${member}`;
      if (HOST_ONLY.has(full) || full === 'Session.defaultSession') continue;
      const known = instanceOf(name)?.getProperty(member) !== undefined;
      if (!known && name !== 'Menu') wrong.push(`${full} is not Electron’s`);
      if (!usedMembers.has(member)) wrong.push(`${full} is not used`);
    }
  }
  expect(wrong).toEqual([]);
});
