// Somebody else on the machine who never rests.
console.log('ready');
for (;;);
