//! N servers, first in, first out.

use crate::clock::Tick;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU32;
use std::time::Duration;

/// When each server is free. Instants are in the servers' own time.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    /// `None` without a limit.
    number: Option<usize>,
    /// The servers that have been needed so far, at most `number`; the others have always been free.
    free: BinaryHeap<Reverse<Tick>>,
}

impl Servers {
    pub(super) fn new(number: Option<NonZeroU32>) -> Servers {
        Servers {
            number: number.map(|number| number.get() as usize),
            free: BinaryHeap::new(),
        }
    }

    /// Serves one more request; when it is done.
    pub(super) fn serve(&mut self, arrival: Tick, service: Duration) -> Tick {
        let Some(number) = self.number else {
            return arrival + service;
        };
        let needed = self.free.len();
        // A server that has worked before takes it if it is free, or if there is no other.
        if let Some(mut first) = self.free.peek_mut()
            && (first.0 <= arrival || needed >= number)
        {
            let done = first.0.max(arrival) + service;
            *first = Reverse(done);
            return done;
        }
        let done = arrival + service;
        self.free.push(Reverse(done));
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn served(number: u32, requests: &[(u64, u64)]) -> Vec<u64> {
        let mut servers = Servers::new(NonZeroU32::new(number));
        requests
            .iter()
            .map(|&(arrival, service)| {
                servers
                    .serve(Tick(arrival), Duration::from_nanos(service))
                    .0
            })
            .collect()
    }

    #[test]
    fn one_server_is_lindleys_recursion() {
        // Waits by hand, W(n+1) = max(0, W(n) + S(n) − (A(n+1) − A(n))): 0, 2, 6, 0, 4.
        let requests = [(0, 5), (3, 5), (4, 5), (20, 5), (21, 1)];
        assert_eq!(served(1, &requests), [5, 10, 15, 25, 26]);
    }

    #[test]
    fn two_servers_by_hand() {
        let requests = [(0, 10), (1, 3), (2, 3), (3, 10), (8, 1), (30, 1)];
        // The second server: 1–4, 4–7, 7–17; the first: 0–10, 10–11.
        assert_eq!(served(2, &requests), [10, 4, 7, 17, 11, 31]);
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        assert_eq!(served(0, &[(0, 10), (0, 10), (1, 1)]), [10, 10, 2]);
    }

    proptest! {
        /// Against a table of N servers that is searched from end to end.
        #[test]
        fn it_is_the_plain_table(number in 1..5_u32, mut requests in prop::collection::vec((0..200_u64, 0..40_u64), 0..100)) {
            requests.sort_by_key(|request| request.0);
            let mut table = vec![0; number as usize];
            let plain: Vec<u64> = requests
                .iter()
                .map(|&(arrival, service)| {
                    let first = table.iter_mut().min().unwrap();
                    *first = arrival.max(*first) + service;
                    *first
                })
                .collect();
            prop_assert_eq!(served(number, &requests), plain);
        }
    }
}
