import { registerSW } from 'virtual:pwa-register';
import { open } from './opening';
import { store } from './store';
import './views/app';

// A link pasted into an open page is a new start, as in a new tab.
addEventListener('hashchange', () => location.reload());
const opened = open();
// On the first visit the service worker comes when everything is here, so that it finds it all and fetches none of it again.
if (navigator.serviceWorker?.controller === null) await opened;
const renew = registerSW({ onNeedRefresh: () => store.update({ renew: () => void renew(true) }) });
