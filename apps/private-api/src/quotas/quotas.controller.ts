import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PrivateApi } from '@flow/http';
import { QuotasService, type Quota } from '@flow/quotas';
import { Body, Delete, Get, Put } from '@nestjs/common';
import { quotaBody, quotaView, toQuotaView } from './quota.view';

/** What the business domain of the caller may use. */
@PrivateApi('quotas', { tag: 'Quotas' })
export class QuotasController {
  constructor(private readonly quotas: QuotasService) {}

  @Get()
  @Endpoint({
    access: 'platform.admin',
    summary: 'What the business domain may use',
    answers: { 200: quotaView },
  })
  async get(@CurrentCaller() caller: Caller) {
    return toQuotaView(caller, await this.quotas.get(caller));
  }

  @Put()
  @Endpoint({
    access: 'platform.admin',
    action: 'quota.set',
    summary: 'Say what the business domain may use',
    body: quotaBody,
    answers: { 200: quotaView },
  })
  async put(@CurrentCaller() caller: Caller, @Body() body: Partial<Record<keyof Quota, number | null>>) {
    return toQuotaView(caller, await this.quotas.put(caller, body));
  }

  @Delete()
  @Endpoint({
    access: 'platform.admin',
    action: 'quota.reset',
    summary: 'Leave it to the settings again',
    answers: { 204: null },
  })
  async reset(@CurrentCaller() caller: Caller) {
    await this.quotas.reset(caller);
  }
}
