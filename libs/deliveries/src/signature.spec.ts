import { signatureOf, signedHeaders } from './signature';

describe('A signature', () => {
  it('is that of the example of Standard Webhooks', () => {
    expect(
      signatureOf(
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        1_614_265_330,
        '{"test": 2432232314}',
      ),
    ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('stands beside that of another secret, with a space', () => {
    const headers = signedHeaders(
      ['whsec_YQ==', 'whsec_Yg=='],
      { id: 'I:3:0', body: '{"text":"ü"}' },
      new Date(1_614_265_330_999),
    );
    expect(headers).toEqual({
      'webhook-id': 'I:3:0',
      'webhook-timestamp': '1614265330',
      'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/) as string,
    });
  });
});
