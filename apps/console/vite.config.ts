import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Which service `vite` shows while the console is worked on. */
const service = process.env['FLOW_URL'] ?? 'http://127.0.0.1:8082';

/** What pages are made of, the styles of its components before our own; what two pages alone share stays with them. */
const SHARED = /node_modules|console.src.(api|i18n|parts|shell)|libs.client|\.search\.ts$/;
/** Come when a definition is opened, or a graph, and not before. */
const EDITOR =
  /node_modules.(@codemirror|codemirror|@lezer|@marijn|crelt|style-mod|w3c-keyname|yaml)|parts.code-editor/;
const GRAPH = /node_modules.(@xyflow|@dagrejs|d3-|classcat|zustand)|parts.flow-graph/;

export default defineConfig({
  root: here('.'),
  resolve: { alias: { '@flow/client': here('../../libs/client/src/index.ts') } },
  cacheDir: here('../../.cache/vite'),
  build: {
    outDir: here('../../dist/apps/console'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is put into the page as `data:` but what is smaller than its own request.
    assetsInlineLimit: 512,
    chunkSizeWarningLimit: 1_100,
    rolldownOptions: {
      output: {
        // What pages share is one file: on a first visit each further one costs more than its bytes do.
        codeSplitting: {
          groups: [
            { name: 'shared', test: (id) => SHARED.test(id) && !EDITOR.test(id) && !GRAPH.test(id), priority: 1 },
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
