export const shell = {
  product: 'Flow Automation',
  skip: 'Skip to content',
  nav: {
    label: 'Pages',
    overview: 'Overview',
    dags: 'DAGs',
    instances: 'Instances',
    approvals: 'Approvals',
    triggers: 'Triggers',
    workers: 'Workers',
    settings: 'Settings',
  },
  account: {
    label: 'Account of {{principal}}',
    signedInAs: 'Signed in as {{principal}}',
    domain: 'Business domain',
    signOut: 'Sign out',
    apiDocs: 'API reference',
  },
  theme: { toDark: 'Dark theme', toLight: 'Light theme' },
  language: 'Language',
  notFound: {
    title: 'There is no such page',
    text: 'The address {{path}} leads nowhere.',
    back: 'To the overview',
  },
  unreachable: 'The service cannot be reached. What you see may be old; it is asked again.',
} as const;
