// Choosing a model in the built page: what it says before anything is downloaded, and what each refusal says.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { address, check, download, failure, GOLDEN, hub, loaded, models, notice, open, openAt, openPanel, page, server, test } from './hub-page.mjs';
import { commitOf } from './hub-server.mjs';

test('a model of the hub is checked, downloaded, loaded, and pinned in the link', async () => {
  await open();
  await check('test/tiny');
  await page.getByTestId('offer').waitFor();
  assert.equal(hub.ranges('model.safetensors').length, 2, 'only the header was read');
  const commit = commitOf(models['test/tiny']);
  assert.match(await page.getByTestId('offer').innerText(), new RegExp(`test/tiny@${commit}`));
  assert.match(await page.getByTestId('offer').innerText(), /It fits this device\. In memory it takes about 1 MB as it is and 1 MB squeezed to 4 bits/);
  await page.getByTestId('download-model').click();
  assert.match(await loaded(), new RegExp(`tiny[^]*test/tiny at ${commit.slice(0, 7)}`));
  assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('model'), `test/tiny@${commit}`);
  await page.getByTestId('run').click();
  await page.waitForFunction(() => ['done', 'error'].includes(document.documentElement.dataset.state), null, { timeout: 60_000 });
  for (const { headers, method, path } of hub.log) {
    assert.equal(method, 'GET', `${path}: no preflight`);
    assert.equal(headers.referer, undefined, `${path}: no referrer`);
    assert.equal(headers.cookie, undefined, `${path}: no cookies`);
  }
});

test('a link to a model that is not here offers it, and to one that is here loads it, without the hub', async () => {
  await openAt(address('test/tiny'));
  await page.getByTestId('agree').click();
  await page.getByTestId('download-model').click();
  await loaded();
  const link = page.url();
  await hub.stop();
  await page.goto('about:blank');
  await page.goto(link);
  assert.match(await loaded(), /test\/tiny at/);
  await page.getByTestId('choose').click();
  assert.ok(await page.getByTestId('stored').getByRole('button', { name: 'Delete' }).isDisabled(), 'it is in use');
});

test('the fit check sees a storage that is too small', async () => {
  await open();
  await page.evaluate(() => {
    // Chromium does not tell a page how much there really is.
    StorageManager.prototype.estimate = async () => ({ quota: 3e6, usage: 1e6 });
  });
  await check('test/large');
  assert.match(await page.getByTestId('fit').innerText(), /The browser has only \d MB of storage left for this page, and the files take 4 MB/);
  assert.equal(await page.getByTestId('offer').getAttribute('data-fit'), 'no');
});

test('a busy hub is waited for as long as it asks, and the wait can be cancelled', async () => {
  await open();
  let times = 0;
  hub.fault = ({ path }) => (path.startsWith('/api/') && times++ === 0 ? { status: 429, headers: { 'retry-after': '3' } } : null);
  await check('test/tiny');
  await page.getByText(/has had too many requests from your network \(429\): trying again in 3 s\./).waitFor();
  await page.getByTestId('offer').waitFor();

  hub.fault = () => ({ status: 429, headers: { 'retry-after': new Date(Date.now() + 600_000).toUTCString() } });
  await page.getByTestId('download-model').click();
  await notice(/trying again in (59\d|600) s/);
  await page.getByTestId('cancel-download').click();
  await page.getByTestId('resume').waitFor();
  await check('test/large');
  await page.getByTestId('cancel-look').click();
  await page.getByTestId('asking').waitFor({ state: 'detached' });
  assert.equal(await page.getByTestId('error').count(), 0, 'cancelling is no error');
});

test('a hub in trouble is tried four times, and once it is well the download goes on', async () => {
  await open();
  let times = 0;
  hub.fault = ({ path }) => (path.startsWith('/api/') && times++ < 2 ? { status: 503 } : null);
  await check('test/tiny');
  await page.getByTestId('offer').waitFor({ timeout: 20_000 });
  times = 0;
  hub.fault = ({ server }) => (server === 'content' && ++times ? { status: 502 } : null);
  await page.getByTestId('download-model').click();
  await notice(/has trouble of its own \(502\): trying again in 2 s/);
  assert.match(await failure(), /trouble of its own \(502\), 4 times in a row: try again later, what has arrived is kept\./);
  assert.equal(times, 4);
});

test('each refusal has its sentence and its way out', async () => {
  await open();
  const { files } = models['test/tiny'];
  const { 'model.safetensors': weights, ...rest } = files;
  Object.assign(hub.models, {
    'test/gated': { files, gated: 'manual' },
    'test/pytorch': { files: { ...rest, 'pytorch_model.bin': weights } },
    'test/gguf': { files: { 'model-q4_0.gguf': weights } },
    'test/other': { files: { ...files, 'config.json': Buffer.from('{"model_type":"bert"}') } },
  });
  const cases = [
    ['test/nothing', /has no public model of this name \(test\/nothing@main\): check how it is spelled/],
    ['test/tiny@v9', /has no such revision \(test\/tiny@v9\): leave out what follows the @/],
    ['test/gated', /is given only to people who have agreed to its terms.* agree at http.*test\/gated with your own account/],
    ['test/pytorch', /lacks model\.safetensors \(its weights are in PyTorch files/],
    ['test/gguf', /model-q4_0\.gguf is not a usable file: it is a safetensors file/],
    ['not a model', /“not a model” names no model: write owner\/name/],
    ['test/other', /names the model type bert; supported are: /],
    [`${hub.url}/folder/test/nowhere/`, /lacks config\.json and model\.safetensors and tokenizer\.json: choose another model/],
  ];
  for (const [typed, pattern] of cases) {
    await check(typed);
    assert.match(await failure(), pattern);
  }
});

test('a server that wants a sign-in, redirects in circles, or is none, has its sentence', async () => {
  await open();
  const cases = [
    [{ status: 403 }, /gives test\/tiny@main only to people who have signed in or agreed to its terms \(403\), and this page signs in nowhere/],
    [{ status: 418 }, /answered 418 when asked for test\/tiny@main/],
    [{ status: 200, body: '<html>' }, /test\/tiny@main at 127\.0\.0\.1:\d+ is not JSON/],
    [{ status: 200, body: '{}' }, /names no commit of test\/tiny: it does not answer as a hub does/],
    [{ status: 302, headers: { location: '/api/models/round/and/round' } }, /cannot be reached, or does not let other sites read it, 4 times in a row/],
  ];
  for (const [fault, pattern] of cases) {
    hub.fault = () => fault;
    await check('test/tiny');
    assert.match(await failure(), pattern);
  }
  await hub.stop();
  await check('test/tiny');
  await page.getByText(/cannot be reached, or does not let other sites read it: trying again in 4 s/).waitFor();
  assert.match(await failure(), /cannot be reached.* 4 times in a row/);
});

test('a broken header is refused before anything is downloaded', async () => {
  await open();
  const { files } = models['test/tiny'];
  const weights = (length, header) => {
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(length));
    return Buffer.concat([start, Buffer.from(header), Buffer.alloc(64)]);
  };
  const json = (tensors) => weights(JSON.stringify(tensors).length, JSON.stringify(tensors));
  const cases = [
    ['huge', weights(2 ** 60, ''), /announce a header of 1152921504606846976 bytes, which no model has/],
    ['page', Buffer.from('<!DOCTYPE html>\n<html><body>Sign in</body></html>'), /model\.safetensors is not a usable file: it is a web page and not the file/],
    ['pointer', Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`), /it is a Git LFS pointer/],
    ['text', weights(5, 'hello'), /model\.safetensors is not a usable file: /],
    ['beyond', json({ w: { dtype: 'F32', shape: [1e9], data_offsets: [0, 4e9] } }), /model\.safetensors is cut off: its header promises 40000000\d\d bytes, \d+ are there/],
    ['negative', json({ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }), /model\.safetensors is not a usable file: /],
    ['null', json({ w: null }), /model\.safetensors is not a usable file: /],
  ];
  for (const [name, broken, pattern] of cases) {
    hub.models[`test/${name}`] = { files: { ...files, 'model.safetensors': broken } };
    await check(`test/${name}`);
    assert.match(await failure(), pattern);
  }
});

test('a folder of PyTorch files, or a page in place of a file, is called that', async () => {
  await open();
  const { files } = models['test/tiny'];
  const { 'model.safetensors': weights, ...rest } = files;
  hub.models['test/config'] = { files: { ...files, 'config.json': Buffer.from('<!doctype html><title>Not found</title>') } };
  await check('test/config');
  assert.match(await failure(), /config\.json is not a usable file: it is a web page and not the file/);
  const folder = await mkdtemp(join(tmpdir(), 'pytorch-'));
  for (const [name, bytes] of Object.entries({ ...rest, 'pytorch_model.bin': weights })) await writeFile(join(folder, name), bytes);
  await page.getByTestId('folder').setInputFiles(folder);
  assert.match(await failure(), /pytorch_model\.bin holds weights in a form that is not read here: take the safetensors files/);
});

test('a head of its own although config.json ties it is used, with a word', async () => {
  await open();
  const { files } = models['test/tiny'];
  const config = JSON.parse(await readFile(join(GOLDEN, 'llama_gqa', 'config.json'), 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'head-'));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, tie_word_embeddings: true }));
  await writeFile(join(folder, 'tokenizer.json'), files['tokenizer.json']);
  await copyFile(join(GOLDEN, 'llama_gqa', 'model.safetensors'), join(folder, 'model.safetensors'));
  await page.getByTestId('folder').setInputFiles(folder);
  await loaded();
  assert.match(await page.getByTestId('note').innerText(), /the file has a head of its own with other values: that one is used/);
});

/** The config and the header of a Llama of 0.2 billion parameters a block, in bf16. */
function largeLlama(blocks) {
  const [hidden, inner, vocabulary] = [4096, 11008, 32000];
  const config = { ...JSON.parse(models['test/tiny'].files['config.json']), hidden_size: hidden, intermediate_size: inner, vocab_size: vocabulary };
  Object.assign(config, { num_hidden_layers: blocks, num_attention_heads: 32, num_key_value_heads: 32, head_dim: 128, tie_word_embeddings: false });
  const shapes = { 'model.embed_tokens': [vocabulary, hidden], 'model.norm': [hidden], lm_head: [vocabulary, hidden] };
  for (let i = 0; i < blocks; i++) {
    const block = `model.layers.${i}`;
    for (const name of ['q', 'k', 'v', 'o']) shapes[`${block}.self_attn.${name}_proj`] = [hidden, hidden];
    for (const name of ['gate', 'up']) shapes[`${block}.mlp.${name}_proj`] = [inner, hidden];
    Object.assign(shapes, { [`${block}.mlp.down_proj`]: [hidden, inner], [`${block}.input_layernorm`]: [hidden], [`${block}.post_attention_layernorm`]: [hidden] });
  }
  let bytes = 0;
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const begin = bytes;
    bytes += 2 * shape.reduce((a, b) => a * b);
    return [`${name}.weight`, { dtype: 'BF16', shape, data_offsets: [begin, bytes] }];
  });
  const text = JSON.stringify(Object.fromEntries(tensors));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length));
  return { config, header: Buffer.concat([start, Buffer.from(text)]), bytes };
}

/** Serves the beginning of such a model under the sizes of the whole. */
function serveLlama(blocks) {
  const { config, header, bytes } = largeLlama(blocks);
  const model = { files: { ...models['test/tiny'].files, 'config.json': Buffer.from(JSON.stringify(config)), 'model.safetensors': header } };
  hub.models['test/huge'] = model;
  hub.fault = ({ path }) => {
    if (!path.startsWith('/api/models/test/huge')) return null;
    const size = (name) => model.files[name].length + (name === 'model.safetensors' ? bytes : 0);
    const siblings = Object.keys(model.files).map((rfilename) => ({ rfilename, size: size(rfilename) }));
    return { status: 200, body: JSON.stringify({ id: 'test/huge', sha: commitOf(model), siblings }) };
  };
}

test('a model that is too large is said to be, with one that fits', async () => {
  await open();
  const cases = [
    [8, /about 3\.8 GB as it is and 1\.4 GB squeezed to 4 bits.*A web page can address only 4\.3 GB\./],
    [32, /Its weights alone have 13\.5 GB, and a web page can address only 4\.3 GB\./],
  ];
  for (const [blocks, pattern] of cases) {
    serveLlama(blocks);
    await check('test/huge');
    await page.getByTestId('fit').filter({ hasText: pattern }).waitFor();
    assert.match(await page.getByTestId('instead').innerText(), /^Look at .* instead$/);
    assert.match(await page.getByTestId('download-model').innerText(), /anyway$/);
  }
});

test('files on the disk that are too large are refused before anything of them is loaded', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pressure-test-'));
  t.after(() => rm(folder, { recursive: true }));
  await open();
  const cases = [
    [8, /This model does not fit\. In memory it takes about 3\.8 GB as it is.*in all\. A web page can address only 4\.3 GB\. .* would fit/],
    [32, /This model does not fit\. Its weights alone have 13\.5 GB, and a web page can address only 4\.3 GB\. .* would fit/],
  ];
  for (const [blocks, pattern] of cases) {
    const { config, header, bytes } = largeLlama(blocks);
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await writeFile(join(folder, 'tokenizer.json'), models['test/tiny'].files['tokenizer.json']);
    await writeFile(join(folder, 'model.safetensors'), header);
    await truncate(join(folder, 'model.safetensors'), header.length + bytes); // no block of the disk is taken
    await page.getByTestId('folder').setInputFiles(folder);
    assert.match(await failure(), pattern);
  }
});

test('whatever a reader types or pastes finds its model', async () => {
  await open();
  hub.models['tiny'] = { renamed: 'test/tiny' };
  const commit = commitOf(models['test/tiny']);
  const typed = [
    'test/tiny',
    'tiny',
    ' test/tiny@main ',
    'test/tiny@refs/pr/1',
    `test/tiny@${commit}`,
    `${hub.url}/test/tiny`,
    `${hub.url}/test/tiny/tree/main`,
    `${hub.url}/test/tiny/blob/main/config.json?x=1`,
    `${hub.url}/test/tiny/resolve/${commit}/model.safetensors`,
  ];
  for (const text of typed) {
    await check(text);
    const offer = page.getByTestId('offer').filter({ hasText: `test/tiny@${commit}` });
    await offer.waitFor();
    await check('test/large'); // so that the next offer is a new one
    await page.getByTestId('offer').filter({ hasText: 'test/large' }).waitFor();
  }
});

test('without another hub, Hugging Face is asked', async () => {
  await openAt(server.url);
  const asked = [];
  await page.route('https://huggingface.co/**', (route) => {
    asked.push(route.request().url().replace('https://huggingface.co', ''));
    return route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'x-error-code', 'x-error-code': 'RepoNotFound' } });
  });
  await openPanel();
  const typed = ['a/b', 'huggingface.co/a/b', 'https://hf.co/a/b/tree/v1.0', 'https://huggingface.co/a/b/blob/main/config.json', 'gpt2@refs/pr/3'];
  for (const text of typed) {
    await check(text);
    assert.match(await failure(), /^huggingface\.co has no public model of this name/);
  }
  const path = (name, revision) => `/api/models/${name}/revision/${revision}?blobs=true`;
  assert.deepEqual(asked, [path('a/b', 'main'), path('a/b', 'main'), path('a/b', 'v1.0'), path('a/b', 'main'), path('gpt2', 'refs%2Fpr%2F3')]);
});

test('the files of a plain folder are downloaded, and again when they change', async () => {
  await open();
  const folder = `${hub.url}/folder/test/tiny`;
  await download(folder);
  assert.match(await loaded(), /tiny[^]*from http.*\/folder\/test\/tiny\//);

  await page.getByTestId('choose').click();
  await check(folder);
  await loaded(); // unchanged: nothing to download
  assert.equal(await page.getByTestId('offer').count(), 0);

  await page.getByTestId('choose').click();
  hub.models['test/tiny'] = { files: { ...models['test/tiny'].files, 'tokenizer_config.json': Buffer.from('{"new": 1}') } };
  await download(folder);
  await loaded();
});

test('the small files beside the weights come with a model, by every way', async () => {
  const beside = { 'chat_template.jinja': Buffer.from('{{ messages }}'), 'generation_config.json': Buffer.from('{"eos_token_id": [2, 5]}') };
  const files = { ...models['test/tiny'].files, ...beside };
  hub.models['test/beside'] = { files };
  const folder = join(await mkdtemp(join(tmpdir(), 'beside-')), 'mine');
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const spoken = () => page.getByTestId('chat-template').innerText();
  await open();
  assert.match(await spoken(), /^No chat template/);
  for (const where of ['test/beside', `${hub.url}/folder/test/beside`]) {
    await download(where);
    await loaded();
    assert.equal(await spoken(), 'Chat template from chat_template.jinja.');
    await page.getByTestId('choose').click();
  }
  await page.getByTestId('folder').setInputFiles(folder);
  assert.match(await loaded(), /mine/);
  assert.equal(await spoken(), 'Chat template from chat_template.jinja.');
});

test('a folder on the disk is read where it lies', async () => {
  await open();
  await page.getByTestId('folder').setInputFiles(join(GOLDEN, 'llama_mha'));
  assert.match(await loaded(), /llama_mha/);
  const usage = await page.evaluate(async () => (await navigator.storage.estimate()).usage);
  assert.ok(usage < 1e5, `nothing is copied, but ${usage} bytes are stored`);
});

test('an adapter beside a model is merged into it, and named', async () => {
  await open();
  const folder = await mkdtemp(join(tmpdir(), 'adapter-'));
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json']) await copyFile(join(GOLDEN, 'llama_gqa', name), join(folder, name));
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) await copyFile(join(GOLDEN, 'adapters', 'llama', name), join(folder, name));
  await page.getByTestId('folder').setInputFiles(folder);
  await loaded();
  assert.match(await page.getByTestId('note').innerText(), /An adapter \(LoRA, rank 4\) is merged into 7 matrices of the model; it was made for llama_gqa/);
  assert.equal(await page.getByTestId('others').count(), 0);
});
