//! IP addresses.

use crate::{Column, ColumnType, Filter};
use std::net::IpAddr;
use std::sync::Arc;

impl<M, T: ColumnType<Inner = IpAddr>> Column<M, T> {
    /// Lies in a network, or is it: `within([10, 0, 0, 0], 8)`. A prefix longer than an address is the whole address.
    #[must_use]
    pub fn within(self, network: impl Into<IpAddr>, prefix_bits: u8) -> Filter<M> {
        let network = network.into();
        let bits = prefix_bits.min(if network.is_ipv4() { 32 } else { 128 });
        self.test(
            "{c} <<= {v}::text::inet",
            [Arc::new(format!("{network}/{bits}"))],
        )
    }
}
