"""What an office is: bookings, tickets, the order of the queue, and the journal that keeps them."""
