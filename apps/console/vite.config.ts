import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Which service `vite` shows while the console is worked on. */
const service = process.env['FLOW_URL'] ?? 'http://127.0.0.1:8082';

/** What pages are made of; what two of them alone share stays with them. */
const SHARED = /node_modules|console.src.(api|i18n|parts|shell)|libs.client|\.search\.ts$/;
/** Comes when a definition is opened, and not before. */
const EDITOR = /node_modules.(@codemirror|codemirror|@lezer|yaml)|parts.code-editor/;

/** The page names the styles of shared files before those of the entry, which begin with the components': ours have to stand behind them. */
const componentsFirst: Plugin = {
  name: 'components-first',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const entry = /\s*<link rel="stylesheet"[^>]*\/assets\/index-[^>]*>/.exec(html)?.[0];
      const first = html.search(/\s*<link rel="stylesheet"/);
      if (entry === undefined) throw new Error('The page names no styles of its entry.');
      const rest = html.replace(entry, '');
      return `${rest.slice(0, first)}${entry}${rest.slice(first)}`;
    },
  },
};

export default defineConfig({
  root: here('.'),
  plugins: [componentsFirst],
  resolve: { alias: { '@flow/client': here('../../libs/client/src/index.ts') } },
  cacheDir: here('../../.cache/vite'),
  build: {
    outDir: here('../../dist/apps/console'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is put into the page as `data:` but what is smaller than its own request.
    assetsInlineLimit: 512,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // What pages share is one file: on a first visit each further one costs more than its bytes do.
        codeSplitting: {
          groups: [
            { name: 'shared', minShareCount: 2, test: (id) => SHARED.test(id) && !EDITOR.test(id), priority: 1 },
            { name: 'editor', test: EDITOR },
          ],
        },
      },
      // Mantine marks its modules for servers that render; here all is rendered by browsers.
      onLog: (level, log, tell) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: Object.fromEntries(['/api', '/docs', '/openapi.json'].map((path) => [path, { target: service }])),
    fs: { allow: [here('../..')] },
  },
});
