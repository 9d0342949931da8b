import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The time of day jumps when the clock is set: a duration measured with it is wrong by hours. */
const WALL_CLOCK = 'Use performance.now() for durations, src/shared/wall-clock.ts for timestamps.';

export default defineConfig(
  globalIgnores(['node_modules', 'out', 'dist', 'demo', 'test/fixtures', 'test-results']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', '.dependency-cruiser.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
    languageOptions: {
      globals: {
        URL: 'readonly',
        console: 'readonly',
        process: 'readonly',
        module: 'writable',
        require: 'readonly',
      },
      parserOptions: { projectService: false },
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/shared/wall-clock.ts', '**/*.test.{ts,tsx}'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: WALL_CLOCK },
      ],
      'no-restricted-syntax': [
        'error',
        ...['NewExpression', 'CallExpression'].map((kind) => ({
          selector: `${kind}[callee.name='Date'][arguments.length=0]`,
          message: WALL_CLOCK,
        })),
      ],
    },
  },
  {
    // A function is one screen and a module has one job; a longer one hides a second. Tables of texts are data.
    files: ['src/**'],
    ignores: ['src/shared/messages/**', '**/*.test.{ts,tsx}'],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': [
        'error',
        { max: 80, skipBlankLines: true, skipComments: true, IIFEs: true },
      ],
    },
  },
  { files: ['src/renderer/**'], ...reactHooks.configs.flat.recommended },
);
