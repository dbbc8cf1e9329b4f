import { Callers, LocalTokens, TokensService } from '@flow/auth';
import { Clock, IdGenerator, MemoryRateMeter, Random } from '@flow/kernel';
import { QuotaRules, QuotasService, RequestQuotas } from '@flow/quotas';
import { made, type Ground, type Provided } from './made';

/** Who asks, and how much they may. */
export const accessProviders = ({ settings, stores, log }: Ground): readonly Provided[] => [
  made(
    LocalTokens,
    [Clock, Random],
    (clock, random) => new LocalTokens(stores.tokens, clock, random, { adminToken: settings.adminToken ?? null }),
  ),
  made(Callers, [LocalTokens], (tokens) => new Callers(tokens)),
  made(
    TokensService,
    [LocalTokens, Clock, IdGenerator],
    (tokens, clock, ids) => new TokensService(stores.tokens, tokens, clock, ids),
  ),
  made(QuotaRules, [Clock], (clock) => {
    const fallback = {
      requestsPerMinute: settings.domainRequestsPerMinute,
      liveInstances: settings.domainLiveInstances,
    };
    return new QuotaRules(stores.domainQuotas, fallback, clock, (error) =>
      log.error({ err: error }, 'the quota of a business domain could not be read; it stays as it was'),
    );
  }),
  made(
    RequestQuotas,
    [QuotaRules, Clock],
    (rules, clock) =>
      new RequestQuotas(
        rules,
        settings.tokenRequestsPerMinute,
        stores.rates?.('requests') ?? new MemoryRateMeter(clock),
      ),
  ),
  made(QuotasService, [QuotaRules, Clock], (rules, clock) => new QuotasService(stores.domainQuotas, rules, clock)),
];
