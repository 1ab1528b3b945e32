// The priority of a thread that must not be in anyone's way, but while it removes: descheduled with
// a directory's lock in its hands it would stall PHP for as long as others keep the processor.
//
// Invariant: in the background only where the thread may come back by itself.
#pragma once

namespace sescle {

// Of the thread that makes it, for the rest of its life.
class Courtesy {
 public:
  // nice 19 and idle I/O priority, if `is_wanted`.
  explicit Courtesy(bool is_wanted);

  // As it was, as long as this lives.
  class Foreground {
   public:
    explicit Foreground(const Courtesy& courtesy);
    ~Foreground();
    Foreground(const Foreground&) = delete;
    Foreground& operator=(const Foreground&) = delete;

   private:
    const Courtesy& courtesy_;
  };

 private:
  bool has_idle_io_ = false;
  bool is_niced_ = false;
  int usual_nice_ = 0;
  int usual_io_ = 0;
};

}  // namespace sescle
