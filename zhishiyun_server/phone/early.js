// Plain old JavaScript: says something useful where the page itself does not come alive.
(function () {
  var WAITS_MS = 8000;
  var inWeChat = /MicroMessenger/i.test(navigator.userAgent);
  setTimeout(function () {
    if (document.body.getAttribute("data-alive") === "yes") return;
    document.getElementById(inWeChat ? "early-wechat" : "early-old").hidden = false;
    document.getElementById("early-wait").hidden = true;
  }, WAITS_MS);
})();
