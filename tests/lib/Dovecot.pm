# A Dovecot of a test's own, on free ports of the loopback interface, with its configuration,
# sockets and log in a temporary directory, and an IMAP client to look at its mailboxes.
package Dovecot;
use strict;
use warnings;

use Exporter 'import';
use IO::Socket::IP;
use IO::Select;
use PeerTest qw(free_port has_ipv6 need run scratch_dir slurp spew start wait_for_port);

our @EXPORT = qw(need_dovecot);

my $parts = '/usr/lib/dovecot';
my $limit = 30;		# seconds that any one step may take, however busy the machine

# Leaves the test out, aloud, where there is no Dovecot that could be started here.  Only
# root can start one that becomes other users.
sub need_dovecot
{
	need(root => '', dovecot => 'dovecot-core', @_);
	need(imap => 'dovecot-imapd') if !-x "$parts/imap";
	need(pop3 => 'dovecot-pop3d') if !-x "$parts/pop3";
}

# Starts Dovecot: new(settings => text, tls => [certificate, key], mechanisms => of logins).
# The settings say where mail and users are.  It listens on 127.0.0.1 and, where there is
# one, ::1, for POP3 also with TLS from the start where it has a certificate.
sub new
{
	my ($class, %with) = @_;
	my $dir = scratch_dir();
	my %port = map { ($_ => free_port()) } qw(imap pop3 pop3s);
	my $tls = $with{tls} ? "ssl = yes\nssl_cert = <$with{tls}[0]\nssl_key = <$with{tls}[1]\n" : "ssl = no\n";
	my $pop3s = $with{tls} ? $port{pop3s} : 0;
	my $addresses = has_ipv6() ? '127.0.0.1, ::1' : '127.0.0.1';
	my $mechanisms = $with{mechanisms} || 'plain scram-sha-256';

	spew("$dir/dovecot.conf", <<"END");
base_dir = $dir/run
state_dir = $dir/state
log_path = $dir/log
protocols = imap pop3
listen = $addresses
$tls
disable_plaintext_auth = no
auth_mechanisms = $mechanisms
auth_failure_delay = 0
service anvil {
	# nobody waits because of a wrong password before
	unix_listener anvil-auth-penalty {
		mode = 0
	}
}
namespace inbox {
	inbox = yes
}
service imap-login {
	inet_listener imap {
		port = $port{imap}
	}
	inet_listener imaps {
		port = 0
	}
}
service pop3-login {
	inet_listener pop3 {
		port = $port{pop3}
	}
	inet_listener pop3s {
		port = $pop3s
	}
}
$with{settings}
END
	my $pid = start("$dir/output", 'dovecot', '-F', '-c', "$dir/dovecot.conf");
	my $self = bless { %port, pid => $pid, dir => $dir }, $class;
	wait_for_port($port{$_}) or die 'Dovecot does not start: ' . slurp("$dir/output") . $self->log . "\n" for 'imap', 'pop3';
	return $self;
}

# What it has logged.
sub log
{
	my ($self) = @_;
	return -e "$self->{dir}/log" ? slurp("$self->{dir}/log") : '';
}

# Runs doveadm; returns what run() does.
sub doveadm
{
	my ($self, @arguments) = @_;
	return run(['doveadm', '-c', "$self->{dir}/dovecot.conf", @arguments]);
}

# Hands a message to Dovecot's delivery agent; returns what run() does.
sub deliver
{
	my ($self, $user, $message) = @_;
	return run(["$parts/dovecot-lda", '-c', "$self->{dir}/dovecot.conf", '-d', $user], input => $message);
}

# An IMAP connection, logged in.
sub imap
{
	my ($self, $user, $password) = @_;
	my $socket = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $self->{imap}, Timeout => $limit)
		or die "no connection to Dovecot: $@\n";
	my $imap = bless { socket => $socket, select => IO::Select->new($socket), input => '', number => 0 }, 'Dovecot::Imap';
	$imap->response =~ /^\* OK/ or die "no greeting\n";
	my ($reply) = $imap->command(qq(LOGIN "$user" "$password"));
	die "login by IMAP: $reply\n" if $reply !~ /^OK/;
	return $imap;
}

package Dovecot::Imap;

# One response, with the literals that are in it (RFC 3501 section 4.3), without its CRLF.
sub response
{
	my ($self) = @_;
	my $from = 0;

	while (1) {
		my $end = index $self->{input}, "\r\n", $from;
		if ($end < 0) {
			$self->{select}->can_read($limit) or die "Dovecot says nothing\n";
			sysread $self->{socket}, $self->{input}, 65536, length $self->{input} or die "Dovecot has gone\n";
		} elsif (substr($self->{input}, 0, $end) =~ /\{(\d+)\}\z/) {
			$from = $end + 2 + $1;
		} else {
			my $response = substr $self->{input}, 0, $end;
			substr $self->{input}, 0, $end + 2, '';
			return $response;
		}
	}
}

# Sends a command, and a text that it has for a literal at its end.  Returns the tagged
# response without its tag, and then the others.
sub command
{
	my ($self, $command, $literal) = @_;
	my $tag = 'a' . ++$self->{number};
	my @others;

	$command .= sprintf ' {%d+}', length $literal if defined $literal;
	syswrite $self->{socket}, "$tag $command\r\n" . (defined $literal ? "$literal\r\n" : '');
	while (1) {
		my $response = $self->response;
		return ($response, @others) if $response =~ s/^\Q$tag\E //;
		push @others, $response;
	}
}

# One item of each message in the mailbox that is open, by UID: the text of a literal, or
# what else stands there.
sub fetch
{
	my ($self, $item) = @_;
	my ($reply, @responses) = $self->command("UID FETCH 1:* ($item)");
	my %found;

	die "UID FETCH: $reply\n" if $reply !~ /^OK/;
	for (@responses) {
		/^\* \d+ FETCH \(UID (\d+) (?:[^\r\n]* \{\d+\}\r\n|\S+ )(.*)\)\z/s and $found{$1} = $2;
	}
	return \%found;
}

1;
