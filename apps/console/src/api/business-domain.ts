const KEY = 'flow.businessDomain';

/** The business domain that this browser looks at; the service's own default where none was chosen. */
export const businessDomain = (): string | undefined => localStorage.getItem(KEY) ?? undefined;

export function chooseBusinessDomain(domain: string | undefined): void {
  if (domain === undefined) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, domain);
}
