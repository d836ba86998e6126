# What a client says to a machine that has booted (Booted), and what becomes of its mail:
# the machine has an account bob@example.com.
package BootedMail;
use strict;
use warnings;

use Exporter 'import';
use Test::More;
use PeerTest;
use Booted;

our @EXPORT = qw($greeting $line $taken journal_is_clear message serves_as_ever with_subject);

our $line = qr/[^\r\n]*\r\n/;
our $greeting = qr/\A220 $line\z/;
# The end of a conversation that has handed in a message; $1 is its id
our $taken = qr/^250 2\.0\.0 OK id=(\S+)\r\n221 $line\z/m;

# What hands in a message, for talk(), behind the greeting; %how: `hold` is called before
# the text is whole, `lmtp` is for LMTP.
sub message
{
	my ($subject, %how) = @_;
	return ([($how{lmtp} ? 'LHLO' : 'EHLO') . " client.example\r\n", qr/^250 $line\z/m],
		["MAIL FROM:<a\@example.org>\r\n", qr/^250 2\.1\.0 $line\z/],
		["RCPT TO:<bob\@example.com>\r\n", qr/^250 2\.1\.5 $line\z/],
		["DATA\r\n", qr/^354 $line\z/],
		$how{hold} ? (["Subject: $subject\r\n", qr/\A\z/], $how{hold}, ["\r\nhello\r\n.\r\n", qr/^$line\z/])
			: ["Subject: $subject\r\n\r\nhello\r\n.\r\n", qr/^$line\z/],
		["QUIT\r\n", qr/^221 $line\z/]);
}

# The messages with this subject.
sub with_subject
{
	my ($subject) = @_;
	return grep { /^Subject: \Q$subject\E$/m } map { slurp($_) } stored(path_of('/var/lib/mail-stdio'), 'bob@example.com');
}

# The port serves, and nothing is left of the sessions before.
sub serves_as_ever
{
	my ($subject) = @_;
	like(talk(connect_from('127.0.0.9', 25), $greeting, message($subject)), $taken, 'the port answers');
	is(scalar(with_subject($subject)), 1, 'and takes mail');
	ok(until_true(sub { !instances('smtp-stdio') }, 120), 'no session stays, nor a unit that has failed')
		or diag(instances('smtp-stdio'));
}

# The journal has a line for each message to bob@example.com, of which so many are gone, and
# tells of no trouble.
sub journal_is_clear
{
	my ($gone) = @_;
	my @ours = grep { ($_->{SYSLOG_IDENTIFIER} // '') =~ /^(?:smtp|pop3)-stdio$/ } journal();
	my @delivered = grep { $_->{MESSAGE} =~ /^(?:delivery .* to=bob\@.* status=250|report .*to=bob\@)/ } @ours;

	is(join("\n", map { $_->{MESSAGE} } grep { $_->{MESSAGE} =~ /confinement/ } @ours), '', 'every program could confine itself');
	is(join("\n", map { $_->{MESSAGE} } grep { $_->{PRIORITY} < 6 } @ours), '', 'the journal tells of nothing amiss');
	is(scalar @delivered, $gone + stored(path_of('/var/lib/mail-stdio'), 'bob@example.com'), 'and has as many lines of deliveries as there are messages');
}

1;
