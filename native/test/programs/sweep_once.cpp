// One sweep by the engine alone, for tests that make its system calls fail (test/fault): what it
// calls between its two marks (Mark) is the engine's, and nobody else's.
//
//   sweep-once STORE DEPTH LIFETIME THREADS [dry|strict]
//
// Invariant: a process that ends with status 0 has told on standard output, as JSON, what it did,
// with lib/native/boundary.ts's names of the verdicts; it tells failures as the addon does, and no
// call after the second mark can be mistaken for one of the sweep.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <variant>

#include "crew.h"
#include "errno_name.h"

namespace sescle {
namespace {

class NoListing final : public ListingSink {
 public:
  void Deliver(std::string) override {}
};

// Seen in a trace, and without an effect.
void Mark() {
  (void)getpriority(PRIO_PROCESS, 0);
}

SweepRequest Request(char** words) {
  SweepRequest request;
  request.path = words[1];
  request.depth = strtoul(words[2], nullptr, 10);
  request.reaping.policy.max_lifetime_seconds = strtoll(words[3], nullptr, 10);
  request.reaping.now_seconds = time(nullptr);
  request.clock_lead_ms = Sys().ClockLeadMs();
  const std::string how = words[5] == nullptr ? "" : words[5];
  request.reaping.dry_run = how == "dry";
  request.reaping.is_strict = how == "strict";
  request.limits = std::make_shared<SharedLimits>(strtoul(words[4], nullptr, 10), 0);
  return request;
}

struct OneOutcome final : OutcomeSink {
  SweepOutcome outcome;
  void PutOutcome(size_t, SweepOutcome put) override { outcome = std::move(put); }
};

// As native/addon/crew_job.cpp does; here the process is the crew's own.
SweepOutcome Run(const SweepRequest& request) {
  NoListing nobody;
  OneOutcome end;
  try {
    Crew({std::make_shared<Sweep>(request, std::make_shared<Sys>(), nobody)}).Run(end);
  } catch (const std::bad_alloc&) {
    return RootError::OfCall(ENOMEM, "malloc");
  }
  return std::move(end.outcome);
}

void TellFailure(const std::string& code, const char* syscall, const std::string& path,
                 uint64_t count) {
  // Paths of tests need no escapes.
  printf("{\"code\":\"%s\",\"syscall\":\"%s\",\"path\":\"%s\",\"count\":%llu}", code.c_str(),
         syscall, path.c_str(), static_cast<unsigned long long>(count));
}

void Tell(const RootError& error) {
  printf("{\"unusable\":");
  const bool is_of_call = error.kind == RootError::Kind::kSystem;
  TellFailure(is_of_call ? ErrnoName(error.error) : "ERR_ROOT", error.syscall, error.path, 1);
  printf("}\n");
}

void Tell(const SweepResult& result) {
  printf("{");
  for (size_t i = 0; i < kVerdictCount; ++i) {
    printf("\"%s\":%llu,", kVerdictNames[i],
           static_cast<unsigned long long>(result.counters.verdicts[i]));
  }
  printf("\"denied\":%llu,\"mounted\":%llu,\"complete\":%s,\"errors\":[",
         static_cast<unsigned long long>(result.counters.denied_directories),
         static_cast<unsigned long long>(result.counters.mounted_directories),
         result.is_complete ? "true" : "false");
  const char* separator = "";
  for (const Failure& failure : result.failures) {
    printf("%s", separator);
    TellFailure(ErrnoName(failure.error), failure.syscall, failure.path, failure.count);
    separator = ",";
  }
  printf("]}\n");
}

// What a signal without a restart makes of the calls that it meets is EINTR.
void CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  (void)sigaction(SIGUSR1, &action, nullptr);  // cannot fail for a signal that there is
}

}  // namespace
}  // namespace sescle

int main(int argc, char** argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: %s STORE DEPTH LIFETIME THREADS [dry|strict]\n", argv[0]);
    return 2;
  }
  // So that it can tell of a lack of memory too.
  static char output[1U << 16U];
  (void)setvbuf(stdout, output, _IOFBF, sizeof output);  // else it is the worse for it
  sescle::CatchSignals();
  const sescle::SweepRequest request = sescle::Request(argv);
  sescle::Mark();
  const auto outcome = sescle::Run(request);
  sescle::Mark();
  std::visit([](const auto& end) { sescle::Tell(end); }, outcome);
  return 0;
}
