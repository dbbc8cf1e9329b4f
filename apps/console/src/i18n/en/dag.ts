export const dag = {
  title: 'DAG',
} as const;
