import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import * as spaces from './spaces.js';

describe('parity: spaces', () => {
  it.each(parityCases('hub/spaces', spaces, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const hub = (body: unknown) => {
    const urls: string[] = [];
    const answer = async (url: string | URL | Request) => {
      urls.push(String(url));
      return new Response(JSON.stringify(body));
    };
    return { urls, fetch: answer as typeof fetch, endpoint: 'https://hub.test' };
  };
  const demo = { id: 'ada/demo', sdk: 'gradio', likes: 3, cardData: { title: 'Demo', emoji: '🚀' }, runtime: { hardware: { current: 't4-small' } } };
  const info = { spaceId: 'ada/demo', author: 'ada', title: 'Demo', sdk: 'gradio', likes: 3, emoji: '🚀', hardware: 't4-small' };
  it('searches and iterates', async () => {
    const server = hub([demo]);
    expect(await spaces.searchSpaces({ sdk: 'gradio', author: 'ada', ...server })).toEqual([info]);
    for await (const space of spaces.iterSpaces(server)) expect(space).toEqual(info);
    expect(server.urls[0]).toBe('https://hub.test/api/spaces?filter=gradio&author=ada&sort=likes&direction=-1&limit=10&full=true');
  });
  it('reads one space and its runtime', async () => {
    const server = hub(demo);
    expect(await spaces.getSpaceInfo('ada/demo', server)).toEqual(info);
    expect(await spaces.getSpaceRuntime('ada/demo', hub({ stage: 'RUNNING', hardware: { current: null } }))).toEqual({
      stage: 'RUNNING',
      hardware: null,
      sdkVersion: null,
    });
    expect(server.urls).toEqual(['https://hub.test/api/spaces/ada/demo']);
  });
  it('takes a space that tells little', async () => {
    const empty = { spaceId: 'ada/x', author: 'ada', title: null, sdk: null, likes: 0, emoji: null, hardware: null };
    for (const cardData of [null, 7, 'text']) expect(await spaces.getSpaceInfo('ada/x', hub({ id: 'ada/x', cardData, runtime: null }))).toEqual(empty);
  });
  it('iterates over the most liked spaces first', async () => {
    const server = hub([]);
    for await (const space of spaces.iterSpaces({ sdk: 'static', ...server })) expect(space).toBeNull();
    expect(server.urls).toEqual(['https://hub.test/api/spaces?filter=static&sort=likes&direction=-1&full=true']);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(spaces.SpaceInfo, () => ({ spaceId: 'a/b', author: 'a', title: null, sdk: null, likes: 0, emoji: null, hardware: null })),
    ...sweep(spaces.SpaceRuntime, () => ({ stage: null, hardware: null, sdkVersion: null })),
    ...sweepEnum('SpaceSDK', spaces.SpaceSDK, { list: spaces.listSdks, is: spaces.validateSdk }),
    ...sweepEnum('SpaceHardware', spaces.SpaceHardware, { list: spaces.listHardwareTiers, is: spaces.validateHardware }),
  ])('$name', c => c.run());
});

describe('fields that the hub may leave out', () => {
  it('are nullable', () => {
    const nullable = (definition: { readonly fields: object }): string[] =>
      Object.entries(definition.fields).flatMap(([name, field]) => ((field as { nullable?: boolean }).nullable ? [name] : []));
    expect(nullable(spaces.SpaceInfo)).toEqual(['title', 'sdk', 'emoji', 'hardware']);
    expect(nullable(spaces.SpaceRuntime)).toEqual(['stage', 'hardware', 'sdkVersion']);
  });
});

describe('refusals', () => {
  it.each([
    [() => spaces.searchSpaces({ sdk: 'flask' }), "sdk must be one of docker, gradio, static, streamlit, got 'flask'"],
    [() => spaces.getSpaceInfo(''), 'spaceId cannot be empty'],
    [() => spaces.getSpaceRuntime('../x'), 'spaceId must be a name or owner/name'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
