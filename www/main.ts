import { registerSW } from 'virtual:pwa-register';
import { open } from './opening';
import { store } from './store';
import './views/app';

// A link pasted into an open page is a new start, as in a new tab.
addEventListener('hashchange', () => location.reload());
const renew = registerSW({ onNeedRefresh: () => store.update({ renew: () => void renew(true) }) });
void open();
