-- Token buckets, all of one request (or of one moment's settlement) in one round trip.
-- A bucket is the text "tokens at": tokens at Redis's own time `at`, so that gateways' clocks do not matter.
-- ARGV: "ask" (take from all or from none) or "settle" (what is spent is spent; a bucket may fall to minus its size),
--       then for each key: capacity, tokens a second, cost, ceiling (no more than that is in it).
-- Answers granted (1 or 0), then each bucket's tokens as text.
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local settling = ARGV[1] == 'settle'
local granted = 1
local tokens = {}

for i, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1])
  local cost, ceiling = tonumber(ARGV[4 * i]), tonumber(ARGV[4 * i + 1])
  tokens[i] = capacity
  local stored = redis.call('GET', key)
  if stored then
    local held, at = string.match(stored, '(%S+) (%S+)')
    tokens[i] = math.min(capacity, tonumber(held) + math.max(0, now - tonumber(at)) * rate)
  end
  tokens[i] = math.min(tokens[i], ceiling)
  if tokens[i] < cost then granted = 0 end
end

local answer = { granted }
for i, key in ipairs(KEYS) do
  local capacity, rate, cost = tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  if settling or granted == 1 then
    tokens[i] = math.max(-capacity, tokens[i] - cost)
    local full = math.ceil((capacity - tokens[i]) / rate * 1000) + 1000
    redis.call('SET', key, string.format('%.4f %.6f', tokens[i], now), 'PX', full)
  end
  answer[i + 1] = string.format('%.4f', tokens[i])
end
return answer
