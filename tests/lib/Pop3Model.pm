# What RFC 1939, 2449, 2595 and 5034, and the manual where they leave it open, let a POP3
# server answer, as SmtpModel has it for SMTP; written from those, and not from the program.
# The mailbox has three messages, of which each begins with a dot in its text.
#
# A state is a flat hash:
#   login      '', or in (TRANSACTION)
#   user       what USER has named just before: '', bob or other
#   protected  by TLS
#   mode       command, PLAIN, LOGIN, password, SCRAM, proof (an answer in AUTH), or closed
#   name       in AUTH LOGIN: bob or other
#   marks      the messages that are marked, as 013
#   removed    at the end of the session
#   faults, status   of the session
#   rest       octets of a line that is not at its end yet
package Pop3Model;

use strict;
use warnings;
use MIME::Base64 qw(decode_base64 encode_base64);

my $BOB = 'bob@example.com';
my $RIGHT = encode_base64("\0$BOB\0secret", '');
my $WRONG = encode_base64("\0$BOB\0wrong", '');
my $FIRST = encode_base64("n,,n=$BOB,r=fyko+d2lbbFgONRv9qkxdawL", '');
my $MESSAGES = 3;

my %SYMBOLS = map { $_ => "$_\r\n" } (
	"USER $BOB", 'USER nobody@example.com', 'USER', 'user BOB@Example.COM', 'PASS secret', 'PASS wrong', 'PASS', 'PASS secret ', 'APOP bob 0123456789abcdef0123456789abcdef',
	'AUTH', 'AUTH FOO', "AUTH PLAIN $RIGHT", "AUTH PLAIN $WRONG", 'AUTH PLAIN', 'AUTH PLAIN =', 'AUTH PLAIN !', 'AUTH LOGIN', 'AUTH SCRAM-SHA-256',
	"AUTH SCRAM-SHA-256 $FIRST", '*', '', $RIGHT, encode_base64($BOB, ''), encode_base64('secret', ''), $FIRST,
	'CAPA', 'CAPA x', 'STLS', 'STLS x', 'STAT', 'STAT x', 'LIST', 'LIST 1', 'LIST 2', 'LIST 4', 'LIST 0', 'LIST -1', 'LIST 1 1', 'LIST 4294967297', 'UIDL', 'UIDL 2', 'UIDL 9',
	'RETR 1', 'RETR 2', 'RETR', 'RETR 4', 'RETR 18446744073709551617', 'retr 001', 'TOP 1 0', 'TOP 2 1', 'TOP 3 99999999999', 'TOP 1', 'TOP 1 -1', 'TOP', 'DELE 1', 'DELE 2', 'DELE 3', 'DELE 4', 'DELE', 'DELE x',
	'RSET', 'rset', 'RSET x', 'NOOP', 'NOOP x', 'QUIT', 'QUIT x', 'FOO', 'UTF8', 'LANG', '.', 'EHLO x',
);
$SYMBOLS{'LF in a line'} = "NOOP\nNOOP\r\n";
$SYMBOLS{'CR in a line'} = "CAPA\rCAPA\r\n";
$SYMBOLS{'NUL in a line'} = "NOOP\0\r\n";
$SYMBOLS{'a line of 500'} = 'x' x 500 . "\r\n";
$SYMBOLS{'a line of 5000'} = 'x' x 5000 . "\r\n";
$SYMBOLS{'a line of 15000'} = 'x' x 15000 . "\r\n";
$SYMBOLS{'STLS and NOOP'} = "STLS\r\nNOOP\r\n";

# A model of a server with flags.  Named arguments:
#   protected, plain   -s, -p
#   without            array of names of CAPA, -X
#   wrapper            good or missing: what -T names
#   faults             -e, 0: without limit
#   in_use             true: somebody else has the mailbox open
#   sizes, uids        arrays of the messages' sizes and unique-ids
sub new {
	my ($class, %with) = @_;
	my $self = bless { host => 'mail.example.com', faults => 0, wrapper => '', sizes => [ (0) x $MESSAGES ], %with }, $class;
	$self->{without} = { map { $_ => 1 } @{$with{without} || []} };
	return $self;
}

sub flags {
	my ($self) = @_;
	return ('-h', $self->{host}, '-e', $self->{faults} || 1_000_000_000, ($self->{protected} ? '-s' : ()), ($self->{plain} ? '-p' : ()),
	    (map { ('-X', $_) } sort keys %{$self->{without}}),
	    $self->{wrapper} eq 'good' ? ('-T', 'env %') : $self->{wrapper} ? ('-T', '/nonexistent/wrapper') : ());
}

sub symbols {
	return sort keys %SYMBOLS;
}

sub octets {
	my ($self, $symbol) = @_;
	return $SYMBOLS{$symbol};
}

sub resets {
	return ('RSET', '*', 'FOO');
}

# What leads to states that cannot be left again.
sub roots {
	my ($self) = @_;
	my @login = $self->{in_use} ? () : $self->{without}{SASL} ? ("USER $BOB", 'PASS secret') : ("AUTH PLAIN $RIGHT");
	my @roots = @login && ($self->{plain} || $self->{protected}) ? [ @login ] : ();
	push @roots, [ 'STLS' ], @login ? [ 'STLS', @login ] : () if $self->{wrapper} eq 'good' && !$self->{without}{STLS};
	return @roots;
}

sub start {
	my ($self) = @_;
	my %state = (login => '', user => '', protected => $self->{protected} ? 1 : 0, mode => 'command', name => '', marks => '', removed => '',
	    faults => 0, status => 0, rest => '');
	return (\%state, [ qr/\G\+OK \Q$self->{host}\E POP3\r\n/ ]);
}

# A client sends octets: as SmtpModel's.
sub step {
	my ($self, $state, $octets) = @_;
	my %done = (replies => [], delivered => 0);
	$state->{rest} .= $octets;
	while ($state->{mode} ne 'closed' && $state->{rest} =~ s/\A(.*?)\r\n//s) {
		my $line = $1;
		$state->{mode} eq 'command' ? $self->line($state, \%done, $line) : $self->response($state, \%done, $line);
	}
	$state->{rest} = '' if $state->{mode} eq 'closed';
	return \%done;
}

sub ok { push @{$_[2]{replies}}, qr/\G\+OK[^\r\n]*\r\n/ }

# A refusal that is a fault, of syntax, state or credentials; with a code or with none.
sub err {
	my ($self, $state, $done, $code) = @_;
	push @{$done->{replies}}, $code ? qr/\G-ERR \Q[$code]\E [^\r\n]*\r\n/ : qr/\G-ERR (?!\[)[^\r\n]*\r\n/;
	@$state{qw(mode status)} = ('closed', 77) if $self->{faults} && ++$state->{faults} >= $self->{faults};
}

# Something that is not there: no fault.
sub no {
	my ($self, $state, $done) = @_;
	push @{$done->{replies}}, qr/\G-ERR (?!\[)[^\r\n]*\r\n/;
}

# +OK and lines up to the dot.
sub lines {
	my ($self, $state, $done, $lines) = @_;
	push @{$done->{replies}}, qr/\G\+OK[^\r\n]*\r\n$lines\.\r\n/;
}

sub line {
	my ($self, $state, $done, $line) = @_;
	my $was = $state->{user};
	$state->{user} = '';
	return $self->err($state, $done) if $line =~ /[\r\n\0]/ || length $line > ($line =~ /^AUTH /i ? 12286 : 510);
	my ($verb, $argument) = $line =~ /^(\S+)(?: (.*))?\z/s or return $self->err($state, $done);
	$verb = uc $verb;
	my $handler = $verb =~ /^[A-Z]+\z/ && $self->can('pop3_' . lc $verb) or return $self->err($state, $done);
	my $phase = $verb =~ /^(?:CAPA|QUIT)\z/ ? 'both' : $verb =~ /^(?:USER|PASS|AUTH|STLS)\z/ ? '' : 'in';
	return $self->err($state, $done) if $phase ne 'both' && $phase ne $state->{login};
	$argument = '' unless defined $argument;
	$argument =~ s/ +\z// unless $verb eq 'PASS';
	return $self->err($state, $done) if $self->{without}{$verb eq 'PASS' ? 'USER' : $verb eq 'AUTH' ? 'SASL' : $verb};
	return $self->err($state, $done) if length $argument && $verb =~ /^(?:CAPA|QUIT|STAT|RSET|NOOP|STLS)\z/;
	$handler->($self, $state, $done, $argument, $was);
}

# The message that an argument numbers; undef where it is none, '' where it is none of ours.
sub number {
	my ($self, $state, $text) = @_;
	return undef unless defined $text && $text =~ /^0*([0-9]+)\z/;
	return '' if length $1 > 9 || $1 < 1 || $1 > $MESSAGES || index($state->{marks}, $1) >= 0;
	return $1;
}

sub left {
	my ($self, $state) = @_;
	return grep { index($state->{marks}, $_) < 0 } 1 .. $MESSAGES;
}

# -- AUTHORIZATION

sub plain_is_allowed {
	my ($self, $state) = @_;
	return $self->{plain} || $state->{protected};
}

sub pop3_user {
	my ($self, $state, $done, $argument) = @_;
	return $self->err($state, $done) if !$self->plain_is_allowed($state) || !length $argument;
	$state->{user} = lc $argument eq $BOB ? 'bob' : 'other';
	$self->ok($state, $done);
}

sub pop3_pass {
	my ($self, $state, $done, $argument, $user) = @_;
	return $self->err($state, $done) if !$self->plain_is_allowed($state) || !$user || !length $argument;
	$self->credentials($state, $done, $user eq 'bob' && $argument eq 'secret');
}

# A name and a password have been shown.
sub credentials {
	my ($self, $state, $done, $right) = @_;
	if (!$right) {
		$done->{slow} = 1;
		my $is_told = !$self->{without}{'AUTH-RESP-CODE'} && !$self->{without}{'RESP-CODES'};
		return $self->err($state, $done, $is_told ? 'AUTH' : ());
	}
	if ($self->{in_use}) {
		push @{$done->{replies}}, $self->{without}{'RESP-CODES'} ? qr/\G-ERR (?!\[)[^\r\n]*\r\n/ : qr/\G-ERR \[IN-USE\] [^\r\n]*\r\n/;
		return;
	}
	$state->{login} = 'in';
	$self->ok($state, $done);
}

sub pop3_auth {
	my ($self, $state, $done, $argument) = @_;
	my ($mechanism, $response, @more) = split ' ', $argument;
	$mechanism = uc(defined $mechanism ? $mechanism : '');
	return $self->err($state, $done) if @more || $mechanism !~ /^(?:PLAIN|LOGIN|SCRAM-SHA-256)\z/;
	return $self->err($state, $done) if $mechanism !~ /^SCRAM/ && !$self->plain_is_allowed($state);
	$state->{mode} = $mechanism =~ /^SCRAM/ ? 'SCRAM' : $mechanism;
	return $self->response($state, $done, $response eq '=' ? '' : $response) if defined $response;
	push @{$done->{replies}}, $mechanism eq 'LOGIN' ? qr/\G\+ VXNlcm5hbWU6\r\n/ : qr/\G\+ \r\n/;
}

# A line that the client answers in AUTH.
sub response {
	my ($self, $state, $done, $line) = @_;
	my $mode = $state->{mode};
	$state->{mode} = 'command';
	return $self->err($state, $done) if length $line > 12286 || $line !~ m{^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\z};
	my $text = decode_base64($line);
	if ($mode eq 'LOGIN' && $text =~ /^[^\0]+\z/ && utf8::decode(my $copy = $text)) {
		@$state{qw(mode name)} = ('password', $text eq $BOB ? 'bob' : 'other');
		push @{$done->{replies}}, qr/\G\+ UGFzc3dvcmQ6\r\n/;
		return;
	}
	if ($mode eq 'SCRAM' && $line eq $FIRST) {
		$state->{mode} = 'proof';
		push @{$done->{replies}}, qr/\G\+ [A-Za-z0-9+\/=]+\r\n/;
		return;
	}
	my $right = $mode eq 'PLAIN' ? $line eq $RIGHT : $mode eq 'password' && $state->{name} eq 'bob' && $text eq 'secret';
	$state->{name} = '';
	$self->credentials($state, $done, $right);
}

sub pop3_stls {
	my ($self, $state, $done) = @_;
	return $self->err($state, $done) if $state->{protected} || !$self->{wrapper};
	if (length $state->{rest}) {            # came with it: command injection
		$self->no($state, $done);
		@$state{qw(mode status)} = ('closed', 77);
		return;
	}
	$done->{wait} = 1;
	return $self->no($state, $done) if $self->{wrapper} eq 'missing';
	$self->ok($state, $done);
	my ($new) = $self->start;
	%$state = (%$new, protected => 1);
}

# -- Both

sub pop3_capa {
	my ($self, $state, $done) = @_;
	my @mechanisms = ('SCRAM-SHA-256', $self->plain_is_allowed($state) ? qw(PLAIN LOGIN) : ());
	my %lines = map { $_ => '' } qw(TOP UIDL RESP-CODES AUTH-RESP-CODE PIPELINING);
	@lines{qw(EXPIRE SASL)} = (' NEVER', " @mechanisms");
	$lines{USER} = '' if $self->plain_is_allowed($state);
	$lines{STLS} = '' if $self->{wrapper} && !$state->{protected} && !$state->{login};
	my $may_miss = $self->{wrapper} eq 'missing' ? 'STLS' : '';
	delete @lines{keys %{$self->{without}}};
	delete $lines{'AUTH-RESP-CODE'} unless exists $lines{'RESP-CODES'};
	my %expected = map { $_ . $lines{$_} => 1 } keys %lines;
	push @{$done->{replies}}, $self->{lists}{join ',', sort keys %expected} ||= sub {
		${$_[0]} =~ /\G\+OK[^\r\n]*\r\n((?:[A-Z][^\r\n]*\r\n)*)\.\r\n/gc or return 0;
		my %left = %expected;
		for my $line (split /\r\n/, $1) {
			delete $left{$line} or $line =~ /^IMPLEMENTATION \S/ && !$self->{without}{IMPLEMENTATION} or return 0;
		}
		return !grep { $_ ne $may_miss } keys %left;
	};
}

sub pop3_quit {
	my ($self, $state, $done) = @_;
	$state->{removed} = $state->{marks};
	$state->{mode} = 'closed';
	$self->ok($state, $done);
}

# -- TRANSACTION

sub pop3_noop { $_[0]->ok(@_[1, 2]) }

sub pop3_rset {
	my ($self, $state, $done) = @_;
	$state->{marks} = '';
	$self->ok($state, $done);
}

sub pop3_stat {
	my ($self, $state, $done) = @_;
	my @left = $self->left($state);
	my $octets = 0;
	$octets += $self->{sizes}[$_ - 1] for @left;
	push @{$done->{replies}}, qr/\G\+OK @{[ scalar @left ]} $octets\r\n/;
}

sub list_of {
	my ($self, $state, $done, $argument, $values) = @_;
	if (!length $argument) {
		my $lines = join '', map { "$_ \Q$values->[$_ - 1]\E\\r\\n" } $self->left($state);
		return $self->lines($state, $done, $lines);
	}
	my $number = $self->number($state, $argument);
	return $self->err($state, $done) unless defined $number;
	return $self->no($state, $done) unless length $number;
	push @{$done->{replies}}, qr/\G\+OK $number \Q$values->[$number - 1]\E\r\n/;
}

sub pop3_list { $_[0]->list_of(@_[1 .. 3], $_[0]{sizes}) }
sub pop3_uidl { $_[0]->list_of(@_[1 .. 3], $_[0]{uids}) }

sub pop3_retr {
	my ($self, $state, $done, $argument) = @_;
	my $number = $self->number($state, $argument);
	return $self->err($state, $done) unless defined $number;
	return $self->no($state, $done) unless length $number;
	$self->lines($state, $done, "(?:[A-Z\\t][^\\r\\n]*\\r\\n)+\\r\\n\\.\\.text $number\\r\\nand more\\r\\n");
}

sub pop3_top {
	my ($self, $state, $done, $argument) = @_;
	my ($message, $lines, @more) = split ' ', $argument;
	my $number = $self->number($state, $message);
	return $self->err($state, $done) if !defined $number || @more || !defined $lines || $lines !~ /^[0-9]+\z/;
	return $self->no($state, $done) unless length $number;
	my $text = $lines == 0 ? '' : "\\.\\.text $number\\r\\n" . ($lines == 1 ? '' : 'and more\r\n');
	$self->lines($state, $done, "(?:[A-Z\\t][^\\r\\n]*\\r\\n)+\\r\\n$text");
}

sub pop3_dele {
	my ($self, $state, $done, $argument) = @_;
	my $number = $self->number($state, $argument);
	return $self->err($state, $done) unless defined $number;
	return $self->no($state, $done) unless length $number;
	$state->{marks} = join '', sort split(//, $state->{marks}), $number;
	$self->ok($state, $done);
}

1;
