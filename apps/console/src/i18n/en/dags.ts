export const dags = {
  title: 'DAGs',
} as const;
