-- Asks for one path after another over all connections, as wrk's script: wrk … -s serve-load.lua URL -- PATHS COOKIE
-- PATHS: a file with a path in each line. Every request is made before the clock starts.
local requests = {}
local last = 0

function init(arguments)
  local headers = { ["Cookie"] = arguments[2] }
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"bytes":%.0f,"microseconds":%d,"failed":%d}\n',
    summary.bytes, summary.duration, failed
  ))
end
