import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type ParsedLocation,
} from '@tanstack/react-router';
import { isStatus } from './api/problem';
import { meQuery } from './api/session';
import { dagSearch, newDagSearch } from './pages/dag/dag.search';
import { dagsSearch } from './pages/dags/dags.search';
import { instanceSearch } from './pages/instance/instance.search';
import { instancesSearch } from './pages/instances/instances.search';
import { settingsSearch } from './pages/settings/settings.search';
import { signInSearch } from './pages/sign-in/sign-in.search';
import { triggersSearch } from './pages/triggers/triggers.search';
import { Frame } from './shell/frame';
import { PageFault } from './shell/page-fault';
import { PageLoading } from './shell/page-loading';
import { PageMissing } from './shell/page-missing';

interface Context {
  readonly queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ notFoundComponent: PageMissing });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page'), 'SignInPage'),
});

/** Where one leads who is not signed in; sign-in leads back. */
export const toSignIn = (location: Pick<ParsedLocation, 'href'>) =>
  ({ to: '/sign-in', search: location.href === '/' ? {} : { back: location.href } }) as const;

/** All pages behind the sign-in, within the frame. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'console',
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    await context.queryClient.query(meQuery).catch((error: unknown) => {
      throw isStatus(error, 401) ? redirect(toSignIn(location)) : error;
    });
  },
});

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/overview-page'), 'OverviewPage'),
});

const dags = createRoute({
  getParentRoute: () => signedIn,
  path: '/dags',
  validateSearch: dagsSearch,
  component: lazyRouteComponent(() => import('./pages/dags/dags-page'), 'DagsPage'),
});

const newDag = createRoute({
  getParentRoute: () => signedIn,
  path: '/dags/new',
  validateSearch: newDagSearch,
  component: lazyRouteComponent(() => import('./pages/dag/new-dag-page'), 'NewDagPage'),
});

const dag = createRoute({
  getParentRoute: () => signedIn,
  path: '/dags/$dagId',
  validateSearch: dagSearch,
  component: lazyRouteComponent(() => import('./pages/dag/dag-page'), 'DagPage'),
});

const instances = createRoute({
  getParentRoute: () => signedIn,
  path: '/instances',
  validateSearch: instancesSearch,
  component: lazyRouteComponent(() => import('./pages/instances/instances-page'), 'InstancesPage'),
});

const instance = createRoute({
  getParentRoute: () => signedIn,
  path: '/instances/$instanceId',
  validateSearch: instanceSearch,
  component: lazyRouteComponent(() => import('./pages/instance/instance-page'), 'InstancePage'),
});

const approvals = createRoute({
  getParentRoute: () => signedIn,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./pages/approvals/approvals-page'), 'ApprovalsPage'),
});

const triggers = createRoute({
  getParentRoute: () => signedIn,
  path: '/triggers',
  validateSearch: triggersSearch,
  component: lazyRouteComponent(() => import('./pages/triggers/triggers-page'), 'TriggersPage'),
});

const workers = createRoute({
  getParentRoute: () => signedIn,
  path: '/workers',
  component: lazyRouteComponent(() => import('./pages/workers/workers-page'), 'WorkersPage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('./pages/settings/settings-page'), 'SettingsPage'),
});

const pages = [overview, dags, newDag, dag, instances, instance, approvals, triggers, workers, settings];

export const createConsoleRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree: root.addChildren([signIn, signedIn.addChildren(pages)]),
    context: { queryClient },
    defaultPreload: 'intent',
    defaultErrorComponent: PageFault,
    defaultPendingComponent: PageLoading,
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
