import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/query-client';
import { meQuery, signIn, takeTokenFromAddress } from './api/session';
import { startTexts } from './i18n';
import { createConsoleRouter, toSignIn } from './router';
import { styleNonce } from './shell/style-nonce';
import { theme } from './theme';

/** Where what locks the page's scrolling behind a dialog looks for the nonce of its style. */
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });

const token = takeTokenFromAddress();
startTexts();

const queryClient = createQueryClient(() => {
  if (router.state.location.pathname === '/sign-in') return;
  queryClient.clear();
  void router.navigate(toSignIn(router.state.location));
});
const router = createConsoleRouter(queryClient);

/** A link with a token signs in before the first page asks for anything. */
if (token !== undefined) {
  await signIn(token).catch(() => router.navigate({ to: '/sign-in', search: { refused: true } }));
}

// Both are under way while the frame is drawn, rather than one after the other behind it.
queryClient.query(meQuery).catch(() => undefined);
for (const route of router.getMatchedRoutes(location.pathname)[0]) void router.loadRouteChunk(route);

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the console.');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={4} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
