# A server that does not answer, or not in time, or out of step with what it is asked:
# smtp-send gives up after the time that -T says, and never takes for sent what was not.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;
use Time::HiRes qw(time);

my $message = "Subject: hello\n\nHello.\n";

# Where in a session, and the code that belongs there.
my %step = ('+' => 220, EHLO => 250, MAIL => 250, RCPT => 250, DATA => 354, '.' => 250);

# Nothing comes, or not in time
for my $verb (sort keys %step) {
	my $began = time;
	is_refused("$verb is not answered", 75, $verb eq '.' ? qr/1 second.*may have been delivered/ : qr/(?!.*may have been delivered)1 second/,
	    $message, [ '-T', 1, 'bob@example.com', odd_server("$verb={silence}") ]);
	cmp_ok(time - $began, '<', 15, "$verb: told in time"); ## smtp-send-time
}
# An octet now and then does not make a reply: the time is for all of the line
is_refused('a reply that never comes to its end', 75, qr/1 second/, $message,
    [ '-T', 1, 'bob@example.com', odd_server('MAIL=250 {slowly ' . 'x' x 400 . '}\r\n') ]);

# More replies than commands: one that was there before its command answers none
for my $verb (sort keys %step) {
	my ($status, $said) = smtp_send($message, [ '-T', 1, 'bob@example.com', odd_server("$verb=$step{$verb} yes\\r\\n250 yes\\r\\n") ]);
	like($status, qr/\A(?:0|69|75)\z/, "a reply too many at $verb: no crash");
	cmp_ok(scalar(split /\n/, $said), '<=', 1, "a reply too many at $verb: one line at most") or diag($said);
}

# The greeting does not come, because it has been read: by -g, or with openssl's -starttls
my $bob = 'bob@example.com';
is_sent('-g', $message, [ '-T', 5, '-g', $bob, odd_server('+=') ]);
is_sent('-starttls in the command', $message, [ '-T', 5, $bob, odd_server('-starttls', '+=') ]);
is_sent('-g, and it comes all the same', $message, [ '-g', $bob, odd_server() ]);
is_refused('no greeting, and it is awaited', 75, qr/1 second/, $message, [ '-T', 1, $bob, odd_server('+=') ]);

# The time is for each reply, and not for all of them
is_sent('many slow replies', $message, [ '-T', 1, $bob,
    odd_server(map { "$_={slowly $step{$_} wait for it, it takes a while to say this}\\r\\n" } sort keys %step) ]);
done_testing;
