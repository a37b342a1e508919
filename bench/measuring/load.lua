-- Sends one request again and again, and says at the end what came back. Arguments: the file of the body, then header names and values.
-- There is no function "request": wrk then makes the request once, which keeps it cheap.
function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  for i = 2, #args, 2 do wrk.headers[args[i]] = args[i + 1] end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("\nresult %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
