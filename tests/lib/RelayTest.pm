# Servers of somebody else's that mail is given to: the way there by TLS, and what has
# arrived there.
package RelayTest;

use strict;
use warnings;
use Exporter qw(import);
use PeerTest qw(slurp until_true);
use Test::More;

our @EXPORT = qw(by_tls taken_out);

# The end of a command line: by TLS to this port of a host that can prove who it is,
# with STARTTLS.
sub by_tls {
	my ($certificate, $port) = @_;
	return ('--', 'openssl', 's_client', '-quiet', '-verify_quiet', '-verify_return_error', '-CAfile', $certificate,
		'-verify_hostname', 'localhost', '-starttls', 'smtp', '-connect', "127.0.0.1:$port");
}

# What has arrived in a mailbox, waited for: so many messages, in files that this code finds;
# they are taken out.
sub taken_out {
	my ($mailbox, $count, $find) = @_;
	my @found;

	until_true(sub { (@found = $find->()) >= $count });
	is(scalar @found, $count, "$mailbox has $count");
	my @messages = map { slurp($_) } @found;
	unlink @found;
	return @messages;
}

1;
