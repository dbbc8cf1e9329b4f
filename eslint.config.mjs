import tseslint from 'typescript-eslint';

/** The files of a lib that carry a role suffix may touch the world; a file without one, or `.errors`, is pure. */
const PURE_LIBS = [
  'libs/engine/src/**/*.ts',
  'libs/expressions/src/**/*.ts',
  'libs/kernel/src/**/*.ts',
  'libs/operators/src/**/*.ts',
  'libs/triggers/src/{schedule,schedule-*,cron-*,backfill-range}.ts',
];

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist.*/**',
      'node_modules/**',
      'coverage/**',
      '.cache/**',
      '.services/**',
      'data/**',
      '**/*.mjs',
      '**/*.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Nest modules are classes that hold only a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='forwardRef']",
          message: 'A cycle between modules is a design fault: draw the border anew.',
        },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: PURE_LIBS,
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in through Clock.' },
        { object: 'Math', property: 'random', message: 'Chance comes in through Random.' },
      ],
    },
  },
  {
    // A write that has no name in the sources has no failpoint that the kill tests can find.
    files: ['libs/adapters/embedded/src/**/*.ts', 'libs/adapters/sql/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**', '**/relational.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:fs', 'node:fs/promises'].map((name) => ({
            name,
            importNames: [
              'appendFile',
              'createWriteStream',
              'link',
              'open',
              'openSync',
              'rename',
              'writeFile',
              'writeFileSync',
            ],
            message: 'Stores keep files in blob-store.files.ts alone, with a failpoint at each write.',
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.property.name=/^(write|transaction)$/][callee.object.property.name='db']:not([arguments.0.type='Literal'])",
          message: "Write the name of a write as a text, 'noun.verb': its failpoints are found by it.",
        },
        {
          selector:
            "CallExpression[callee.property.name='run'][callee.object.property.name='relational']:not([arguments.0.type='Literal'])",
          message: "Write the name of a transaction as a text, 'noun.verb': its failpoints are found by it.",
        },
        {
          selector: "CallExpression[callee.property.name=/^(exec|statement)$/][callee.object.property.name='db']",
          message:
            "Stores write by db.write('noun.verb', ...) or db.transaction('noun.verb', ...): all else has no failpoints.",
        },
      ],
    },
  },
  {
    // What keeps blobs, and the commands that copy a folder nobody writes to.
    files: ['libs/adapters/embedded/src/{blob-store.files,backup,backup.files,restore}.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', '**/testing/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
);
