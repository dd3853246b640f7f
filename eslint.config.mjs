// The import table of the project: who may import whom. One row a folder; a folder that a row does not name is forbidden to it.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

const downTo = {
  base: [],
  formats: [],
  protocol: [],
  metrics: [],
  config: [],
  engine: [],
  dataset: ['config'],
  data: ['dataset', 'config'],
  nn: ['engine', 'data', 'dataset', 'config'],
  models: ['nn', 'engine', 'data', 'dataset', 'config'],
  distillation: ['models', 'nn', 'engine', 'data', 'dataset', 'config'],
  runs: ['protocol', 'config', 'formats'],
  training: ['runs', 'protocol', 'formats', 'metrics', 'config', 'engine', 'dataset', 'data', 'nn', 'models', 'distillation'],
  cli: ['training', 'runs', 'protocol', 'formats', 'metrics', 'config', 'engine', 'dataset', 'data', 'nn', 'models', 'distillation'],
  inspector: ['training', 'engine', 'nn', 'models', 'distillation', 'data', 'dataset', 'config', 'runs', 'protocol', 'formats', 'metrics'],
  'language-server': ['config', 'dataset', 'formats', 'protocol', 'runs'],
  extension: ['config', 'protocol', 'dataset', 'formats', 'runs'],
};
const folders = Object.keys(downTo);
const zones = folders.map((folder) => ({
  target: `./src/${folder}`,
  from: folders.filter((other) => other !== folder && other !== 'base' && !downTo[folder].includes(other)).map((other) => `./src/${other}`),
  message: `src/${folder} may import only: ${['base', ...downTo[folder]].join(', ')} (see eslint.config.mjs).`,
}));
/**
 * The panels see the contracts and the metrics, a few files of pure arithmetic that must not be written twice, and of each other only what
 * is in `webview/shared`.
 */
const pureFiles = { formats: ['float16.ts'], runs: ['symmetric.ts'], data: ['raster.ts', 'resize.ts'] };
const panels = ['dashboard', 'inspector', 'graph', 'preview'];
zones.push(
  ...folders.filter((folder) => !['base', 'protocol', 'metrics'].includes(folder)).map((folder) => ({
    target: './webview',
    from: `./src/${folder}`,
    except: pureFiles[folder] ?? [],
    message: 'webview may import only: base, protocol, metrics, and the pure files that eslint.config.mjs names.',
  })),
  ...panels.map((panel) => ({ target: `./webview/${panel}`, from: panels.filter((other) => other !== panel).map((other) => `./webview/${other}`), message: 'Panels share code through webview/shared.' })),
  { target: './src', from: './webview', message: 'The host and its panels share src/protocol alone.' },
);

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.vscode-test/', 'coverage/', 'demo/', 'out/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.mjs'] }, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js', '.json'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowArray: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off', // typed-array and shape indices are checked by construction
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-imports': ['error', { paths: [{ name: '@tensorflow/tfjs', message: 'Import @tensorflow/tfjs-core.' }] }],
    },
  },
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked], languageOptions: { parserOptions: { projectService: false, program: null }, globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } } },
);
