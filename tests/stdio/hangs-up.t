# The end of a session is the end of its TCP connection at once, though the supervisor still
# has the socket, as systemd has it until it has reaped the process.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::INET;
use POSIX ();
use Test::More;
use PeerTest;

my $root = mail_root('bob@example.com');

# All that a server says to these commands, or undef where the connection stays open.
sub said
{
	my ($commands, $program, @flags) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "listen: $@\n";
	my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die "connect: $@\n";
	my $kept = $listener->accept or die "accept: $!\n";
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '<&', $kept;
		open STDOUT, '>&', $kept;
		open STDERR, '>', '/dev/null';
		exec program($program), '-d', $root, '-h', 'mail.example.com', @flags or POSIX::_exit(127);
	}
	print $client $commands;
	my $all = '';
	my $ended = eval {
		local $SIG{ALRM} = sub { die "open\n" };
		alarm 20;
		1 while sysread $client, $all, 65536, length $all;
		alarm 0;
		1;
	};
	waitpid $pid, 0;
	return $ended ? $all : undef;
}

my $mail = "EHLO c\r\nMAIL FROM:<a\@example.org>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n";
like(said($mail, 'smtp-stdio'), qr/\r\n250 2\.0\.0 [^\n]*\r\n221 [^\n]*\r\n\z/, 'SMTP');
like(said($mail, 'smtp-stdio', '-f', 'true'), qr/\r\n221 [^\n]*\r\n\z/, '... with a filter');
like(said("EHLO c\r\nHUH\r\nHUH\r\n", 'smtp-stdio', '-e', 2), qr/\r\n421 [^\n]*\r\n\z/, '... after too many faults');
like(said("USER bob\@example.com\r\nPASS secret\r\nSTAT\r\nQUIT\r\n", 'pop3-stdio', '-p'), qr/\r\n\+OK 2 [^\n]*\r\n\+OK[^\n]*\r\n\z/, 'POP3');
like(said("QUIT\r\n", 'pop3-stdio'), qr/\A\+OK[^\n]*\r\n\+OK[^\n]*\r\n\z/, '... without a login');
done_testing();
