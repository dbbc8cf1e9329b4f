import { createServer, type AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { Service, TOKEN, aFolder } from '../service';
import { builtWithConsole } from './console.build';

/** Everything that a page complained about and that nobody expected. */
export interface Complaints {
  readonly cspViolations: string[];
  readonly pageErrors: string[];
}

/** Carried out in each page before anything else. */
const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP', event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber, event.sample))`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A service of its own that serves the console, and a browser that looks at it. The service keeps its address when it is started again. */
export class ConsoleWorld {
  readonly complaints: Complaints = { cspViolations: [], pageErrors: [] };

  private constructor(
    public service: Service,
    private readonly browser: Browser,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly folder: ReturnType<typeof aFolder>,
  ) {}

  static async open(more: Readonly<Record<string, string>> = {}): Promise<ConsoleWorld> {
    const folder = aFolder();
    const environment = {
      API_SERVER_PORT: String(await freePort()),
      OUTBOUND_ALLOW: '127.0.0.1',
      ...more,
    };
    const service = await Service.start(folder.path, environment, builtWithConsole());
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
    return new ConsoleWorld(service, browser, environment, folder);
  }

  get address(): string {
    return this.service.address;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.service.stop();
    this.folder.remove();
  }

  /** As a machine that loses its power does. */
  async killService(): Promise<void> {
    await this.service.kill('SIGKILL');
  }

  async startService(): Promise<void> {
    this.service = await Service.start(this.folder.path, this.environment, builtWithConsole());
  }

  /** A browser of somebody: cookies, themes and sizes are their own. */
  async visitor(
    options: {
      readonly theme?: 'light' | 'dark';
      readonly width?: number;
      readonly height?: number;
      readonly locale?: string;
    } = {},
  ): Promise<BrowserContext> {
    const { theme = 'light', width = 1440, height = 900, locale = 'en-GB' } = options;
    const context = await this.browser.newContext({
      colorScheme: theme,
      viewport: { width, height },
      locale,
      baseURL: this.address,
      acceptDownloads: true,
    });
    context.setDefaultTimeout(30_000);
    await context.addInitScript({ content: TELL_VIOLATIONS });
    context.on('page', (page) => this.listen(page));
    return context;
  }

  /** A page that is signed in by a link with a token. */
  async signedIn(context?: BrowserContext, path = '/', token = TOKEN): Promise<Page> {
    const page = await (context ?? (await this.visitor())).newPage();
    await page.goto(`${path}#token=${token}`);
    // Narrow pages have it folded.
    await page.locator('nav[aria-label="Pages"]').waitFor({ state: 'attached' });
    return page;
  }

  private listen(page: Page): void {
    page.on('pageerror', (error) => this.complaints.pageErrors.push(String(error.stack ?? error)));
    page.on('console', (message) => {
      const text = message.text();
      if (/^CSP |Content Security Policy/.test(text)) this.complaints.cspViolations.push(text);
    });
  }
}
