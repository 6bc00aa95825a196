-- Asks a clavier key service whether a request presents a live key, before HAProxy (2.5 or later) passes the request on.
-- docs/proxies.md has the configuration that goes with it. Load it with: lua-load /etc/haproxy/clavier.lua
--
-- CLAVIER_VERIFY in HAProxy's environment is the address to ask. The action sets txn.clavier_allowed, txn.clavier_status
-- (503 if the service could not be asked) and, if allowed, txn.clavier_key_id, txn.clavier_key_name and txn.clavier_key_role.

local address = os.getenv("CLAVIER_VERIFY") or "http://127.0.0.1:8787/v1/verify"

-- The headers that may present a key. Nothing else of the request is sent.
local presenting = { "authorization", "x-api-key" }

local function ask(txn)
  local present = {}
  local headers = txn.http:req_get_headers()
  for _, name in ipairs(presenting) do
    if headers[name] then
      local values = {}
      for i = 0, #headers[name] do -- HAProxy counts these from 0
        values[#values + 1] = headers[name][i]
      end
      present[name] = values
    end
  end
  return core.httpclient():get({ url = address, headers = present, timeout = 5000 })
end

local function first(answer, name)
  local values = answer.headers[name]
  return values and values[0] or ""
end

core.register_action("clavier", { "http-req" }, function(txn)
  local asked, answer = pcall(ask, txn)
  local status = asked and answer and answer.status or 503
  local allowed = status == 200
  txn:set_var("txn.clavier_status", status)
  txn:set_var("txn.clavier_allowed", allowed)
  for variable, header in pairs({ key_id = "x-clavier-key-id", key_name = "x-clavier-key-name", key_role = "x-clavier-key-role" }) do
    txn:set_var("txn.clavier_" .. variable, allowed and first(answer, header) or "")
  end
end, 0)
