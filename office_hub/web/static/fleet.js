"use strict";
// The page as it is now, every twenty seconds; never while somebody writes on it.
let touched = false;
document.addEventListener("input", () => { touched = true; });
setInterval(() => { if (!touched) location.reload(); }, 20000);
