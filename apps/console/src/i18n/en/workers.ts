export const workers = {
  title: 'Workers',
} as const;
