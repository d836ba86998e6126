# The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), as pure functions: messages in,
# messages out, none of them in base 64.  No SASLprep: names and passwords are octets.
#
#	my $first = client_first('bob@example.com');
#	my ($final, $signature) = client_final('secret', $first, $server_first);
#	# the server's last message has to be $signature
package Scram;

use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 sha256);
use Exporter qw(import);
use MIME::Base64 qw(decode_base64 encode_base64);

our @EXPORT_OK = qw(client_first client_final attributes nonce verifier encoded decoded);

my %salted;     # deriving a key takes thousands of rounds, and tests use few of them

# The client's first message.  Named arguments, for what a test wants to be different:
#   nonce      else a new one
#   flag       of the gs2 header (default n)
#   authzid    name behind a=
#   escape     false: the names stand as they are
#   before     text in front of n=, as m=...,
#   behind     text behind the nonce, as ,x=...
sub client_first {
	my ($user, %with) = @_;
	my $flag = defined $with{flag} ? $with{flag} : 'n';
	my $nonce = defined $with{nonce} ? $with{nonce} : nonce();
	my @names = map { defined $_ && (!exists $with{escape} || $with{escape}) ? saslname($_) : $_ } $user, $with{authzid};
	my $authzid = defined $names[1] ? "a=$names[1]" : '';
	return "$flag,$authzid," . ($with{before} || '') . "n=$names[0],r=$nonce" . ($with{behind} || '');
}

# The client's answer to the server's first message, and the message by which the server
# has to show that it knows the account.  Named arguments:
#   binding    octets for c= in place of the gs2 header
#   nonce      for r= in place of the server's
#   behind     text between r= and p=, as ,x=...; part of what is signed
#   proof      octets in place of the proof
sub client_final {
	my ($password, $client_first, $server_first, %with) = @_;
	my ($header, $bare) = $client_first =~ /^([^,]*,[^,]*,)(.*)$/s or die "no client-first: $client_first\n";
	my %server = attributes($server_first);
	my $binding = defined $with{binding} ? $with{binding} : $header;
	my $nonce = defined $with{nonce} ? $with{nonce} : $server{r};
	my $final = 'c=' . encoded($binding) . ",r=$nonce" . ($with{behind} || '');
	my ($client_key, $stored_key, $server_key) = keys_of($password, decoded($server{s}), $server{i});
	my $signed = "$bare,$server_first,$final";
	my $proof = defined $with{proof} ? $with{proof} : $client_key ^ hmac_sha256($signed, $stored_key);
	return ("$final,p=" . encoded($proof), 'v=' . encoded(hmac_sha256($signed, $server_key)));
}

# What is stored in place of a password (RFC 5803).
sub verifier {
	my ($password, $salt, $iterations) = @_;
	my (undef, $stored_key, $server_key) = keys_of($password, $salt, $iterations);
	return "SCRAM-SHA-256\$$iterations:" . encoded($salt) . '$' . encoded($stored_key) . ':' . encoded($server_key);
}

# A message as a hash: letter => value.
sub attributes {
	my ($message) = @_;
	return map { /^([A-Za-z])=(.*)$/s ? ($1, $2) : () } split /,/, $message;
}

# Printable characters without a comma, new each time.
sub nonce {
	my @letters = ('A' .. 'Z', 'a' .. 'z', 0 .. 9);
	return join '', map { $letters[rand @letters] } 1 .. 24;
}

sub saslname {
	my ($name) = @_;
	$name =~ s/=/=3D/g;
	$name =~ s/,/=2C/g;
	return $name;
}

# Client key, stored key and server key (RFC 5802 section 3).
sub keys_of {
	my ($password, $salt, $iterations) = @_;
	my $salted = $salted{"$iterations " . encoded($salt) . " $password"} ||= pbkdf2($password, $salt, $iterations);
	my $client_key = hmac_sha256('Client Key', $salted);
	return ($client_key, sha256($client_key), hmac_sha256('Server Key', $salted));
}

# Hi(), which is PBKDF2 with one block.
sub pbkdf2 {
	my ($password, $salt, $iterations) = @_;
	my $octets = my $round = hmac_sha256($salt . pack('N', 1), $password);
	for (2 .. $iterations) {
		$round = hmac_sha256($round, $password);
		$octets ^= $round;
	}
	return $octets;
}

sub encoded {
	my ($octets) = @_;
	return encode_base64($octets, '');
}

sub decoded {
	my ($text) = @_;
	return decode_base64($text);
}

1;
