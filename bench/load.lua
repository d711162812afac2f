-- Two jobs for wrk: a pause between requests (half load), and sign-ups that differ.
local pause = tonumber(os.getenv("BENCH_PAUSE"))
local form = os.getenv("BENCH_FORM")
local number = 0

if pause then
  function delay() return math.random(0, 2 * pause) end  -- not all connections in step
end

if form then
  local start = tostring(os.time()) .. tostring(pause or 0)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Sec-Fetch-Site"] = "same-origin"
  function request()
    number = number + 1
    return wrk.format(nil, nil, nil, form .. "&email=w" .. start .. "x" .. number .. "%40example.org")
  end
end
